package s3

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
)

// maxDocument bounds an XML or JSON body, in bytes. The largest that is legal lists 10,000 parts with
// their checksums, about 3 MB.
const maxDocument = 4 << 20

// refusedElements are elements of S3's documents for what is not here. Any other unknown element is malformed.
var refusedElements = strings.Fields(`
	And BlockedEncryptionTypes Date ETag LastModifiedTime MfaDelete NoncurrentVersionTransition ObjectSizeGreaterThan
	ObjectSizeLessThan Size Tag Transition`)

// readXML reads the body into v, strictly: the root must be the one named, and an element that v has
// no field for is refused, because a setting that is dropped would look as if it had been made.
func readXML(r *request, root string, v any) error {
	data, err := readDocument(r)
	if err != nil {
		return err
	}
	return decodeXML(data, root, v)
}

func readDocument(r *request) ([]byte, error) {
	p, err := r.payload(maxDocument)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(p)
}

func decodeXML(data []byte, root string, v any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errMissingBody
	}
	known := map[string]bool{}
	elements(reflect.TypeOf(v), known)
	d := xml.NewDecoder(bytes.NewReader(data))
	for first := true; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && !first {
			break
		}
		if err != nil {
			return errMalformedXML
		}
		if start, ok := t.(xml.StartElement); ok {
			name := start.Name.Local
			switch {
			case first && name == root, !first && known[name]:
			case slices.Contains(refusedElements, name):
				return notImplemented("the element " + name + " of a " + root)
			default:
				return errMalformedXML.with("Element", name)
			}
			first = false
		}
	}
	if err := xml.Unmarshal(data, v); err != nil {
		return errMalformedXML
	}
	return nil
}

// elements collects the names of the elements that a type reads, from its tags.
func elements(t reflect.Type, names map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		path, _, _ := strings.Cut(f.Tag.Get("xml"), ",")
		for name := range strings.SplitSeq(cmp.Or(path, f.Name), ">") {
			names[name] = true
		}
		elements(f.Type, names)
	}
}
