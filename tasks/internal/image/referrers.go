package image

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// listLimit is as much of a list as is read, in bytes: the OCI distribution specification wants no more of a manifest.
const listLimit = 4 << 20

// referrers lists what refers to a manifest, page by page. The registry client reads only the first page.
func (d *Destination) referrers(ctx context.Context, subject v1.Hash) ([]v1.Descriptor, error) {
	var all []v1.Descriptor
	for path := fmt.Sprintf("/v2/%s/referrers/%s", d.repo.RepositoryStr(), subject); path != ""; {
		var page v1.IndexManifest
		err := d.renewing(ctx, func() error {
			res, err := d.get(ctx, path)
			if err != nil {
				return err
			}
			defer res.Body.Close()
			path = nextPage(res)
			return json.NewDecoder(io.LimitReader(res.Body, listLimit)).Decode(&page)
		})
		if err != nil {
			return nil, fmt.Errorf("looking for what refers to %s: %w", subject, explain(err))
		}
		all = append(all, page.Manifests...)
	}
	return all, nil
}

// nextPage is the path in a header such as </v2/…?last=…>; rel="next"; empty after the last page. The credential
// is for the registry alone, so another host in the header is ignored.
func nextPage(res *http.Response) string {
	to, rest, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
	next, err := res.Request.URL.Parse(to)
	if err != nil || !strings.Contains(rest, `rel="next"`) {
		return ""
	}
	return next.RequestURI()
}
