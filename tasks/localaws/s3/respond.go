package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
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

// noContent is the answer to most deletes.
func noContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// refuse writes an error document, or, for HEAD and 304, what is left of it: the status. An error
// that is not S3's is a 500 that says what happened, because its reader owns the disk it happened on.
func refuse(w http.ResponseWriter, r *request, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = errInternal.says("We encountered an internal error. Please try again. (%v)", err)
	}
	if r.Method == http.MethodHead || e.status == http.StatusNotModified {
		w.WriteHeader(e.status)
		return
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
}

func element(doc *bytes.Buffer, name, value string) {
	fmt.Fprintf(doc, "<%s>%s</%s>", name, escapeXML(value), name)
}

// text is a key, prefix or marker in a listing. Characters that XML 1.0 has no place for are written
// as references, as S3 does; encoding/xml would replace them and so name another key.
type text string

// MarshalXML implements [xml.Marshaler].
func (t text) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(struct {
		Raw string `xml:",innerxml"`
	}{escapeXML(string(t))}, start)
}

func escapeXML(s string) string {
	var out strings.Builder
	for _, c := range s {
		switch {
		case c == '&':
			out.WriteString("&amp;")
		case c == '<':
			out.WriteString("&lt;")
		case c == '>':
			out.WriteString("&gt;")
		case c == '"':
			out.WriteString("&quot;")
		case c < ' ' || c == 0xFFFE || c == 0xFFFF:
			fmt.Fprintf(&out, "&#x%x;", c)
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
