package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"syscall"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// respond writes v as the document name. It is built whole first: pages have at most 1000 entries.
func respond(w http.ResponseWriter, name string, v any) error {
	buf := bytes.NewBufferString(xml.Header)
	start := xml.StartElement{Name: xml.Name{Space: namespace, Local: name}}
	if err := xml.NewEncoder(buf).EncodeElement(v, start); err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	return send(w, http.StatusOK, buf.Bytes())
}

func send(w http.ResponseWriter, status int, document []byte) error {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(document)))
	w.WriteHeader(status)
	_, _ = w.Write(document) // a client that is gone cannot be told
	return nil
}

// refuse writes an error document, or, for HEAD and 304, what is left of it: the status. An error
// that is not S3's is a 500 that says what happened, because its reader owns the disk it happened on. It returns the
// status.
func refuse(w http.ResponseWriter, r *request, err error) int {
	var e *apiError
	if !errors.As(err, &e) {
		e = errInternal.says("We encountered an internal error. Please try again. (%v)", err)
		if errors.Is(err, syscall.ENOSPC) { // no client tries again then
			e.status, e.code = http.StatusInsufficientStorage, "InsufficientStorage"
		}
	}
	if r.Method == http.MethodHead || e.status == http.StatusNotModified {
		w.WriteHeader(e.status)
		return e.status
	}
	var doc bytes.Buffer
	doc.WriteString(xml.Header + "<Error>")
	element(&doc, "Code", e.code)
	element(&doc, "Message", e.message)
	for _, d := range e.details {
		element(&doc, d.name, d.value)
	}
	element(&doc, "Resource", r.URL.Path)
	element(&doc, "RequestId", r.id)
	element(&doc, "HostId", hostID)
	doc.WriteString("</Error>")
	_ = send(w, e.status, doc.Bytes())
	return e.status
}

func element(doc *bytes.Buffer, name, value string) {
	doc.WriteString("<" + name + ">")
	_ = xml.EscapeText(doc, []byte(value)) // into memory
	doc.WriteString("</" + name + ">")
}
