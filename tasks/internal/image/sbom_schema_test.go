package image

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fields are what the CycloneDX 1.6 schema lets these objects have, as far as an [SBOM] has them, those it asks for
// with a star (https://cyclonedx.org/schema/bom-1.6.schema.json). A slash is an array of such objects.
var fields = map[string]string{
	"bom": "bomFormat* specVersion* serialNumber version metadata:metadata components:component/ " +
		"dependencies:dependency/",
	"metadata":   "timestamp lifecycles:lifecycle/ tools:tools component:component",
	"lifecycle":  "phase*",
	"tools":      "components:component/",
	"component":  "type* name* bom-ref version hashes:hash/ purl pedigree:pedigree properties:property/",
	"hash":       "alg* content*",
	"pedigree":   "ancestors:component/ notes",
	"property":   "name value",
	"dependency": "ref* dependsOn",
}

// patterns are the schema's, or stricter.
var patterns = map[string]string{
	"bom.bomFormat": `^CycloneDX$`, "bom.specVersion": `^1\.6$`, "bom.version": `^1$`,
	"bom.serialNumber":   `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	"metadata.timestamp": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`,
	"lifecycle.phase":    `^(design|pre-build|build|post-build|operations|discovery|decommission)$`,
	"component.type":     `^(application|framework|library|container|platform|file)$`,
	"component.name":     `.`, "component.bom-ref": `.`, "component.purl": `^pkg:[a-z]+/[^A-Z+ ]+$`,
	"hash.alg": `^SHA-256$`, "hash.content": `^[a-f0-9]{64}$`, "dependency.ref": `.`,
}

// checkBOM wants a document of the schema's form, in which a bom-ref stands once and every dependency names one, once.
func checkBOM(t *testing.T, document []byte) {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	checkObject(t, "bom", root)
	var d bom
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	refs := map[string]int{}
	for _, c := range append(d.Components, d.Metadata.Component) {
		refs[c.Ref]++
	}
	for ref, n := range refs {
		if n != 1 || ref == "" {
			t.Errorf("bom-ref %q stands %d times", ref, n)
		}
	}
	for _, one := range d.Dependencies {
		for i, ref := range append(one.On, one.Ref) {
			if refs[ref] == 0 || slices.Contains(one.On[:min(i, len(one.On))], ref) {
				t.Errorf("%s depends on %s, which is not there, or twice", one.Ref, ref)
			}
		}
	}
}

func checkObject(t *testing.T, kind string, object map[string]any) {
	t.Helper()
	left := maps.Clone(object)
	for field := range strings.FieldsSeq(fields[kind]) {
		field, of, _ := strings.Cut(field, ":")
		field, required := strings.CutSuffix(field, "*")
		value, there := object[field]
		delete(left, field)
		switch of, list := strings.CutSuffix(of, "/"); {
		case !there && required:
			t.Errorf("a %s has no %s: %v", kind, field, object)
		case !there || field == "dependsOn":
		case of == "":
			if pattern := patterns[kind+"."+field]; !regexp.MustCompile(pattern).MatchString(fmt.Sprint(value)) {
				t.Errorf("%s.%s is %v, want %s", kind, field, value, pattern)
			}
		case list:
			for _, item := range value.([]any) {
				checkObject(t, of, item.(map[string]any))
			}
		default:
			checkObject(t, of, value.(map[string]any))
		}
	}
	if len(left) > 0 {
		t.Errorf("a %s may not have %v", kind, left)
	}
}
