package ecr

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

func TestFixedIn(t *testing.T) {
	for says, want := range map[string]string{"NotAvailable": "", "3.0.2": "3.0.2", "0:1.2-3.el9": "0:1.2-3.el9"} {
		found := enhancedFinding(
			types.EnhancedImageScanFinding{PackageVulnerabilityDetails: &types.PackageVulnerabilityDetails{
				VulnerablePackages: []types.VulnerablePackage{{Name: aws.String("zlib"), FixedInVersion: &says}},
			}})
		if got := found.Packages[0].FixedIn; got != want {
			t.Errorf("fixed in %q where Inspector says %q, want %q", got, says, want)
		}
	}
}
