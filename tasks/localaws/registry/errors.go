package registry

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"syscall"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// fault is an error as the registry's API gives it.
type fault struct {
	status  int
	code    string // of the OCI specification
	message string
}

func (f fault) Error() string { return f.code + ": " + f.message }

func (f fault) write(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(map[string]any{"errors": []map[string]string{{"code": f.code, "message": f.message}}})
	if err != nil {
		panic(err) // two strings
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(f.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone
	}
}

// faults translates ECR's exceptions.
var faults = map[string]fault{
	"RepositoryNotFoundException":       {http.StatusNotFound, "NAME_UNKNOWN", ""},
	"ImageNotFoundException":            {http.StatusNotFound, "MANIFEST_UNKNOWN", ""},
	"LayersNotFoundException":           {http.StatusNotFound, "BLOB_UNKNOWN", ""},
	"UploadNotFoundException":           {http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", ""},
	"EmptyUploadException":              {http.StatusBadRequest, "BLOB_UPLOAD_INVALID", ""},
	"InvalidLayerException":             {http.StatusBadRequest, "DIGEST_INVALID", ""},
	"InvalidLayerPartException":         {http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", ""},
	"ImageTagAlreadyExistsException":    {http.StatusBadRequest, "TAG_INVALID", ""},
	"ImageDigestDoesNotMatchException":  {http.StatusBadRequest, "MANIFEST_INVALID", ""},
	"ReferencedImagesNotFoundException": {http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN", ""},
	"AccessDeniedException":             {http.StatusForbidden, "DENIED", ""},
	"LimitExceededException":            {http.StatusForbidden, "DENIED", ""},
	"InvalidParameterException":         {http.StatusBadRequest, "UNSUPPORTED", ""},
}

func faultOf(err error, method string) fault {
	var is fault
	if errors.As(err, &is) {
		return is
	}
	var refused *catalog.Error
	if errors.As(err, &refused) {
		if is, known := faults[refused.Code]; known {
			is.message = refused.Message
			return is
		}
	}
	is = fault{http.StatusInternalServerError, "UNKNOWN", "the local AWS failed to " + method + " this"}
	if errors.Is(err, syscall.ENOSPC) { // no client tries again then
		is = fault{http.StatusInsufficientStorage, "UNKNOWN", is.message + ": " + syscall.ENOSPC.Error()}
	}
	return is
}

// as gives a refusal another code, where the path says more than the exception.
func as(err error, exception string, f fault) error {
	if refused := (*catalog.Error)(nil); errors.As(err, &refused) && refused.Code == exception {
		f.message = refused.Message
		return f
	}
	return err
}
