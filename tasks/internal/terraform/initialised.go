package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Initialised is the backend that an init chose, as Terraform keeps it in the data folder for its other commands.
type Initialised struct {
	File   string
	Type   string         // empty where init found no backend: then Terraform keeps the state in a file
	Config map[string]any // every argument of the backend; null where it is not set
}

// confirm has the caller look at the backend of the data folder.
func (t *Terraform) confirm() error {
	if t.options.Confirm == nil {
		return nil
	}
	i := Initialised{File: filepath.Join(t.options.DataDir, "terraform.tfstate")}
	text, err := os.ReadFile(i.File)
	if errors.Is(err, fs.ErrNotExist) {
		return t.options.Confirm(i)
	}
	if err == nil {
		err = json.Unmarshal(text, &struct{ Backend *Initialised }{&i})
	}
	if err != nil {
		return fmt.Errorf("reading what terraform was initialised for: %w", err)
	}
	return t.options.Confirm(i)
}
