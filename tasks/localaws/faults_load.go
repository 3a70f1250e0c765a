package localaws

import "fmt"

// LoadFaults reads faults for [Faults.Set] from a JSON file, a list in their order:
//
//	[
//	  {"operation": "PutImage", "kind": "throttle", "count": 2},
//	  {"operation": "PATCH uploads", "kind": "cut-request", "after": 3, "count": 1},
//	  {"service": "s3", "kind": "slow", "delay": "500ms", "probability": 0.1, "seed": 7}
//	]
//
// A kind is throttle, error (a 5xx, see "status"), expired, denied, slow (after "delay"), cut, cut-request or cut-answer.
// "service" is ecr, registry, s3 or sts; without "service" and "operation" it is about every request. "after" lets so
// many requests pass first, "every" takes each nth, "count" ends it after so many, "probability" takes them by chance.
//
// Everything that is wrong with a file's form is told at once, each with its line.
func LoadFaults(path string) ([]Fault, error) {
	file, root, err := readJSON(path)
	if err != nil {
		return nil, fmt.Errorf("reading faults: %w", err)
	}
	var rules []Fault
	file.list(root, "the file", func(n node, where string) {
		rules = append(rules, file.fault(n, fmt.Sprintf("fault %d", len(rules)+1)))
	})
	if err := file.err(); err != nil {
		return nil, fmt.Errorf("reading faults: %w", err)
	}
	return rules, nil
}

func (f *jsonFile) fault(n node, where string) (out Fault) {
	before := len(f.errs)
	f.fields(n, where, map[string]func(node, string){
		"service": textField(f, &out.Service), "operation": textField(f, &out.Operation), "kind": textField(f, &out.Kind),
		"after": numberField(f, &out.After), "every": numberField(f, &out.Every), "count": numberField(f, &out.Count),
		"probability": numberField(f, &out.Probability), "seed": numberField(f, &out.Seed),
		"delay": durationField(f, &out.Delay), "status": numberField(f, &out.Status), "bytes": numberField(f, &out.Bytes),
	})
	if err := out.check(); err != nil && len(f.errs) == before {
		f.wrong(n, where, "%v", err)
	}
	return out
}
