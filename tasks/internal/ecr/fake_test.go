package ecr

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go/middleware"
)

const (
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	dockerList  = "application/vnd.docker.distribution.manifest.list.v2+json"
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	arnOfDemo   = "arn:aws:ecr:eu-central-1:123456789012:repository/demo"
)

// fake is an ECR client made of functions; one that is nil must not be called.
type fake struct {
	token        func(*awsecr.GetAuthorizationTokenInput) (*awsecr.GetAuthorizationTokenOutput, error)
	repositories func(*awsecr.DescribeRepositoriesInput) (*awsecr.DescribeRepositoriesOutput, error)
	images       func(*awsecr.DescribeImagesInput) (*awsecr.DescribeImagesOutput, error)
	manifests    func(*awsecr.BatchGetImageInput) (*awsecr.BatchGetImageOutput, error)
	remove       func(context.Context, *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error)
}

// ClientOf is a client whose calls are answered by the methods of the same names.
func ClientOf(fake any) *awsecr.Client {
	answer := middleware.InitializeMiddlewareFunc("fake", func(
		ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
	) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
		method := reflect.ValueOf(fake).MethodByName(middleware.GetOperationName(ctx))
		answers := method.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in.Parameters)})
		out.Result = answers[0].Interface()
		err, _ = answers[1].Interface().(error)
		return out, metadata, err
	})
	return awsecr.New(awsecr.Options{Region: "eu-central-1", APIOptions: []func(*middleware.Stack) error{
		func(stack *middleware.Stack) error { return stack.Initialize.Add(answer, middleware.After) },
	}})
}

func (f fake) GetAuthorizationToken(_ context.Context, in *awsecr.GetAuthorizationTokenInput,
	_ ...func(*awsecr.Options),
) (*awsecr.GetAuthorizationTokenOutput, error) {
	return f.token(in)
}

func (f fake) DescribeRepositories(_ context.Context, in *awsecr.DescribeRepositoriesInput,
	_ ...func(*awsecr.Options),
) (*awsecr.DescribeRepositoriesOutput, error) {
	return f.repositories(in)
}

func (f fake) DescribeImages(ctx context.Context, in *awsecr.DescribeImagesInput,
	_ ...func(*awsecr.Options),
) (*awsecr.DescribeImagesOutput, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return f.images(in)
}

func (f fake) BatchGetImage(_ context.Context, in *awsecr.BatchGetImageInput,
	_ ...func(*awsecr.Options),
) (*awsecr.BatchGetImageOutput, error) {
	return f.manifests(in)
}

func (f fake) BatchDeleteImage(ctx context.Context, in *awsecr.BatchDeleteImageInput,
	_ ...func(*awsecr.Options),
) (*awsecr.BatchDeleteImageOutput, error) {
	return f.remove(ctx, in)
}

var notFound = &types.RepositoryNotFoundException{Message: aws.String("no such repository")}

// shelf is one repository, with the rules of ECR that matter here: pages of at most a thousand, active images
// only unless asked, a hundred ids a call, and children that an index keeps.
type shelf struct {
	mu       sync.Mutex
	images   []types.ImageDetail
	parents  map[string][]string // by child
	refuse   map[string]types.ImageFailureCode
	batches  [][]string
	afterwds func() // called after each batch, with the lock held
}

func (s *shelf) client() fake {
	return fake{repositories: s.repositories, images: s.list, manifests: noManifests, remove: s.remove}
}

func noManifests(*awsecr.BatchGetImageInput) (*awsecr.BatchGetImageOutput, error) {
	return &awsecr.BatchGetImageOutput{}, nil
}

func (s *shelf) repositories(*awsecr.DescribeRepositoriesInput) (*awsecr.DescribeRepositoriesOutput, error) {
	return &awsecr.DescribeRepositoriesOutput{Repositories: []types.Repository{{
		RepositoryName: aws.String("demo"), RepositoryArn: aws.String(arnOfDemo), RegistryId: aws.String("123456789012"),
		RepositoryUri: aws.String("123456789012.dkr.ecr.eu-central-1.amazonaws.com/demo"), CreatedAt: aws.Time(day(0)),
		ImageTagMutability:         types.ImageTagMutabilityMutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	}}}, nil
}

func (s *shelf) list(in *awsecr.DescribeImagesInput) (*awsecr.DescribeImagesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int(aws.ToInt32(in.MaxResults))
	if size < 1 || size > 1000 {
		return nil, &types.InvalidParameterException{Message: aws.String("maxResults")}
	}
	var visible []types.ImageDetail
	for _, image := range s.images {
		if in.Filter != nil && in.Filter.ImageStatus == types.ImageStatusFilterAny ||
			image.ImageStatus != types.ImageStatusArchived {
			visible = append(visible, image)
		}
	}
	start, _ := strconv.Atoi(aws.ToString(in.NextToken))
	end := min(len(visible), start+size)
	out := &awsecr.DescribeImagesOutput{ImageDetails: slices.Clone(visible[start:end])}
	if end < len(visible) {
		out.NextToken = aws.String(strconv.Itoa(end))
	}
	return out, nil
}

func (s *shelf) remove(_ context.Context, in *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(in.ImageIds) > 100 {
		return nil, &types.InvalidParameterException{Message: aws.String("'imageIds' failed to satisfy constraint")}
	}
	out := &awsecr.BatchDeleteImageOutput{}
	var batch []string
	for _, id := range in.ImageIds {
		digest := aws.ToString(id.ImageDigest)
		batch = append(batch, digest)
		if code := s.verdict(digest); code != "" {
			out.Failures = append(out.Failures,
				types.ImageFailure{ImageId: &id, FailureCode: code, FailureReason: aws.String("because of " + string(code))})
			continue
		}
		s.images = slices.DeleteFunc(s.images, func(image types.ImageDetail) bool { return *image.ImageDigest == digest })
		out.ImageIds = append(out.ImageIds, id, id) // once for each of two tags
	}
	s.batches = append(s.batches, batch)
	if s.afterwds != nil {
		s.afterwds()
	}
	return out, nil
}

func (s *shelf) verdict(digest string) types.ImageFailureCode {
	if code, ok := s.refuse[digest]; ok {
		return code
	}
	if !s.holds(digest) {
		return types.ImageFailureCodeImageNotFound
	}
	if slices.ContainsFunc(s.parents[digest], s.holds) {
		return types.ImageFailureCodeImageReferencedByManifestList
	}
	return ""
}

func (s *shelf) holds(digest string) bool {
	return slices.ContainsFunc(s.images, func(image types.ImageDetail) bool { return *image.ImageDigest == digest })
}

// add puts an image on the shelf, pushed on the day that its place on the shelf says.
func (s *shelf) add(digest, mediaType string, parents ...string) *types.ImageDetail {
	if s.parents == nil {
		s.parents = map[string][]string{}
	}
	s.parents[digest] = parents
	s.images = append(s.images, types.ImageDetail{
		ImageDigest: &digest, ImageManifestMediaType: &mediaType, ImageSizeInBytes: aws.Int64(10),
		ImagePushedAt: aws.Time(day(len(s.images))), ImageStatus: types.ImageStatusActive,
	})
	return &s.images[len(s.images)-1]
}

func (s *shelf) fill(n int) *shelf {
	for i := range n {
		s.add(fmt.Sprintf("sha256:%05d", i), ociManifest)
	}
	return s
}

func day(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
