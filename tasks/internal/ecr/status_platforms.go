package ecr

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"golang.org/x/sync/errgroup"
)

const (
	configTime  = 10 * time.Second // to download a configuration
	configLimit = 1 << 20          // bytes of one that are read
)

// readPlatforms reads the configurations of images that no index lists. Errors about single images come back as
// blocked.
func readPlatforms(ctx context.Context, api *Client, client *http.Client, repository string, rows []Row) (
	blocked, err error,
) {
	lone := map[string]*Row{}
	for i := range rows {
		if row := &rows[i]; row.Kind == KindImage && row.Active() {
			lone[row.Digest] = row
		}
	}
	configs, err := configsOf(ctx, api, repository, slices.Sorted(maps.Keys(lone)))
	if err != nil {
		if fatal(ctx, err) {
			return nil, err
		}
		return err, nil
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(looking)
	for config, digests := range configs {
		group.Go(func() error {
			found, err := readConfig(ctx, api, client, repository, config)
			if fatal(ctx, err) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			blocked = cmp.Or(blocked, err)
			for _, digest := range digests {
				if found.platform != "" {
					lone[digest].Platforms = []string{found.platform}
				}
				lone[digest].Revision = found.revision
			}
			return nil
		})
	}
	err = group.Wait()
	return blocked, err
}

func configsOf(ctx context.Context, api *Client, repository string, digests []string) (map[string][]string, error) {
	configs := map[string][]string{}
	_, err := eachManifest(ctx, api, repository, digests, func(digest string, text []byte) error {
		var manifest struct{ Config struct{ Digest string } }
		if err := json.Unmarshal(text, &manifest); err != nil {
			return fmt.Errorf("reading manifest %q: %w", digest, err)
		}
		if manifest.Config.Digest != "" {
			configs[manifest.Config.Digest] = append(configs[manifest.Config.Digest], digest)
		}
		return nil
	})
	return configs, err
}

type configured struct{ platform, revision string }

func readConfig(ctx context.Context, api *Client, client *http.Client, repository, config string) (configured, error) {
	out, err := api.GetDownloadUrlForLayer(ctx,
		&awsecr.GetDownloadUrlForLayerInput{RepositoryName: &repository, LayerDigest: &config})
	if err != nil {
		return configured{}, err
	}
	text, err := download(ctx, client, aws.ToString(out.DownloadUrl), config)
	if err != nil {
		return configured{}, fmt.Errorf("downloading configuration %q: %w", config, err)
	}
	var made struct {
		OS, Architecture, Variant string
		Config                    struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(text, &made); err != nil {
		return configured{}, fmt.Errorf("reading configuration %q: %w", config, err)
	}
	return configured{
		platformName(made.OS, made.Architecture, made.Variant), made.Config.Labels[revisionLabel],
	}, nil
}

// download fetches a small blob and checks its digest. Its errors leave out the address, which lets anybody read.
func download(ctx context.Context, client *http.Client, address, digest string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, configTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("ECR named no address to download it from")
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, errors.Unwrap(err) // net/http's error repeats the address
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", request.URL.Host, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, configLimit+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > configLimit:
		return nil, fmt.Errorf("it is larger than %d bytes", configLimit)
	case fmt.Sprintf("sha256:%x", sha256.Sum256(text)) != digest:
		return nil, errors.New("what came has another digest")
	}
	return text, nil
}
