package ecr

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// endless is an index whose scans never end.
type endless struct {
	children int
}

func (e endless) BatchGetImage(_ context.Context, in *awsecr.BatchGetImageInput,
	_ ...func(*awsecr.Options),
) (*awsecr.BatchGetImageOutput, error) {
	list := make([]string, e.children)
	for i := range list {
		list[i] = fmt.Sprintf(`{"digest":"sha256:%064d"}`, i)
	}
	manifest := `{"manifests":[` + strings.Join(list, ",") + `]}`
	return &awsecr.BatchGetImageOutput{Images: []types.Image{{ImageId: &in.ImageIds[0], ImageManifest: &manifest}}}, nil
}

func (endless) DescribeImageScanFindings(context.Context, *awsecr.DescribeImageScanFindingsInput,
	...func(*awsecr.Options),
) (*awsecr.DescribeImageScanFindingsOutput, error) {
	status := types.ImageScanStatus{Status: types.ScanStatusInProgress, Description: aws.String("soon")}
	return &awsecr.DescribeImageScanFindingsOutput{ImageScanStatus: &status}, nil
}

// However many platforms an index has, more than are looked at at once: the wait is one.
func TestScanWaitsOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wait = 5 * time.Minute
		begun, children := time.Now(), 3*parallel+1
		s := &scanner{api: ClientOf(endless{children: children}), repository: "demo", options: ScanOptions{Wait: wait}}
		scans, err := s.image(t.Context(),
			Image{Digest: "sha256:index", MediaType: ociIndex, Status: string(types.ImageStatusActive)})
		if err != nil || len(scans) != children {
			t.Fatalf("%d scans, %v, want %d", len(scans), err, children)
		}
		for _, scan := range scans {
			if scan.Result != ScanPending {
				t.Errorf("%s is %s, want pending", scan.Digest, scan.Result)
			}
		}
		if waited := time.Since(begun); waited != wait {
			t.Errorf("waited %s for all, want %s", waited, wait)
		}
	})
}
