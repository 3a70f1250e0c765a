package state

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// bucket is S3 with one bucket at most. A func that is set answers instead of what is kept. What is not below is not
// called.
type bucket struct {
	exists     bool
	block      *types.PublicAccessBlockConfiguration
	encryption *types.ServerSideEncryptionConfiguration
	versioning types.BucketVersioningStatus
	policy     string
	ownership  types.ObjectOwnership
	rules      []types.LifecycleRule
	tags       []types.Tag
	objects    map[string]string

	head    func() error
	create  func(*s3.CreateBucketInput) error
	shared  bool   // its access list gives others access
	lacks   string // a setting this endpoint has never heard of
	lockout bool   // who set the policy is denied by it

	writes []string
	owners map[string]bool // that were expected
}

// ClientOf is a client whose calls are answered by the methods of the same names.
func ClientOf(fake any) *s3.Client {
	answer := middleware.InitializeMiddlewareFunc("fake", func(
		ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
	) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
		method := reflect.ValueOf(fake).MethodByName(middleware.GetOperationName(ctx))
		answers := method.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in.Parameters)})
		out.Result = answers[0].Interface()
		err, _ = answers[1].Interface().(error)
		return out, metadata, err
	})
	return s3.New(s3.Options{Region: "us-west-2", APIOptions: []func(*middleware.Stack) error{
		func(stack *middleware.Stack) error { return stack.Initialize.Add(answer, middleware.After) },
	}})
}

func status(code int, region string) error {
	header := http.Header{}
	if region != "" {
		header.Set("X-Amz-Bucket-Region", region)
	}
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code, Header: header}},
		Err:      errors.New(http.StatusText(code)),
	}}
}

func coded(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func (b *bucket) owner(owner *string) {
	if b.owners == nil {
		b.owners = map[string]bool{}
	}
	b.owners[aws.ToString(owner)] = true
}

func (b *bucket) HeadBucket(_ context.Context, in *s3.HeadBucketInput, _ ...func(*s3.Options)) (*s3.HeadBucketOutput,
	error,
) {
	b.owner(in.ExpectedBucketOwner)
	if b.head != nil {
		return nil, b.head()
	}
	if !b.exists {
		return nil, &smithy.OperationError{Err: wrap(&types.NotFound{}, 404)}
	}
	return &s3.HeadBucketOutput{}, nil
}

// wrap is how the SDK gives a typed error: inside the response's.
func wrap(err error, code int) error {
	outer, _ := errors.AsType[*awshttp.ResponseError](status(code, ""))
	outer.Err = err
	return outer
}

func (b *bucket) CreateBucket(_ context.Context, in *s3.CreateBucketInput,
	_ ...func(*s3.Options),
) (*s3.CreateBucketOutput, error) {
	constraint := ""
	if in.CreateBucketConfiguration != nil {
		constraint = string(in.CreateBucketConfiguration.LocationConstraint)
	}
	b.writes = append(b.writes, "create "+constraint)
	if b.create != nil {
		return nil, b.create(in)
	}
	b.exists, b.ownership = true, in.ObjectOwnership
	if in.CreateBucketConfiguration != nil {
		b.tags = in.CreateBucketConfiguration.Tags
	}
	return &s3.CreateBucketOutput{}, nil
}

func (b *bucket) GetPublicAccessBlock(_ context.Context, in *s3.GetPublicAccessBlockInput,
	_ ...func(*s3.Options),
) (*s3.GetPublicAccessBlockOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	if b.block == nil {
		return nil, coded("NoSuchPublicAccessBlockConfiguration")
	}
	return &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: b.block}, nil
}

func (b *bucket) PutPublicAccessBlock(_ context.Context, in *s3.PutPublicAccessBlockInput,
	_ ...func(*s3.Options),
) (*s3.PutPublicAccessBlockOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "block")
	b.block = in.PublicAccessBlockConfiguration
	return &s3.PutPublicAccessBlockOutput{}, nil
}

func (b *bucket) GetBucketEncryption(_ context.Context, in *s3.GetBucketEncryptionInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketEncryptionOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	if b.encryption == nil {
		return nil, coded("ServerSideEncryptionConfigurationNotFoundError")
	}
	return &s3.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: b.encryption}, nil
}

func (b *bucket) PutBucketEncryption(_ context.Context, in *s3.PutBucketEncryptionInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketEncryptionOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "encryption")
	b.encryption = in.ServerSideEncryptionConfiguration
	return &s3.PutBucketEncryptionOutput{}, nil
}

func (b *bucket) GetBucketVersioning(_ context.Context, in *s3.GetBucketVersioningInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketVersioningOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	return &s3.GetBucketVersioningOutput{Status: b.versioning}, nil
}

func (b *bucket) PutBucketVersioning(_ context.Context, in *s3.PutBucketVersioningInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketVersioningOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "versioning")
	b.versioning = in.VersioningConfiguration.Status
	return &s3.PutBucketVersioningOutput{}, nil
}

func (b *bucket) GetBucketPolicy(_ context.Context, in *s3.GetBucketPolicyInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketPolicyOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	if b.policy == "" {
		return nil, coded("NoSuchBucketPolicy")
	}
	return &s3.GetBucketPolicyOutput{Policy: &b.policy}, nil
}

func (b *bucket) PutBucketPolicy(_ context.Context, in *s3.PutBucketPolicyInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketPolicyOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "policy")
	b.policy = *in.Policy
	return &s3.PutBucketPolicyOutput{}, nil
}

func (b *bucket) DeleteBucketPolicy(_ context.Context, in *s3.DeleteBucketPolicyInput,
	_ ...func(*s3.Options),
) (*s3.DeleteBucketPolicyOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "no policy")
	b.policy = ""
	return &s3.DeleteBucketPolicyOutput{}, nil
}

func (b *bucket) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput,
	error,
) {
	b.owner(in.ExpectedBucketOwner)
	if b.lockout && strings.Contains(b.policy, "SecureTransport") {
		return nil, status(http.StatusForbidden, "")
	}
	return nil, status(http.StatusNotFound, "")
}

func (b *bucket) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput,
	error,
) {
	b.owner(in.ExpectedBucketOwner)
	if !b.exists {
		return nil, coded("NoSuchBucket")
	}
	content, ok := b.objects[*in.Key]
	if !ok {
		return nil, &types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(content))}, nil
}

func (b *bucket) GetBucketOwnershipControls(_ context.Context, in *s3.GetBucketOwnershipControlsInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketOwnershipControlsOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	switch {
	case b.lacks == "ownership":
		return nil, status(http.StatusNotImplemented, "")
	case b.ownership == "":
		return nil, coded("OwnershipControlsNotFoundError")
	}
	rules := []types.OwnershipControlsRule{{ObjectOwnership: b.ownership}}
	return &s3.GetBucketOwnershipControlsOutput{OwnershipControls: &types.OwnershipControls{Rules: rules}}, nil
}

func (b *bucket) PutBucketOwnershipControls(_ context.Context, in *s3.PutBucketOwnershipControlsInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketOwnershipControlsOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "ownership")
	if b.shared {
		return nil, coded("InvalidBucketAclWithObjectOwnership")
	}
	b.ownership = in.OwnershipControls.Rules[0].ObjectOwnership
	return &s3.PutBucketOwnershipControlsOutput{}, nil
}

func (b *bucket) GetBucketLifecycleConfiguration(_ context.Context, in *s3.GetBucketLifecycleConfigurationInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	switch {
	case b.lacks == "lifecycle":
		return nil, status(http.StatusNotImplemented, "")
	case b.rules == nil:
		return nil, coded("NoSuchLifecycleConfiguration")
	}
	return &s3.GetBucketLifecycleConfigurationOutput{Rules: b.rules}, nil
}

func (b *bucket) PutBucketLifecycleConfiguration(_ context.Context, in *s3.PutBucketLifecycleConfigurationInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketLifecycleConfigurationOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "lifecycle")
	b.rules = in.LifecycleConfiguration.Rules
	return &s3.PutBucketLifecycleConfigurationOutput{}, nil
}

func (b *bucket) GetBucketTagging(_ context.Context, in *s3.GetBucketTaggingInput,
	_ ...func(*s3.Options),
) (*s3.GetBucketTaggingOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	switch {
	case b.lacks == "tags":
		return nil, status(http.StatusNotImplemented, "")
	case b.tags == nil:
		return nil, coded("NoSuchTagSet")
	}
	return &s3.GetBucketTaggingOutput{TagSet: b.tags}, nil
}

func (b *bucket) PutBucketTagging(_ context.Context, in *s3.PutBucketTaggingInput,
	_ ...func(*s3.Options),
) (*s3.PutBucketTaggingOutput, error) {
	b.owner(in.ExpectedBucketOwner)
	b.writes = append(b.writes, "tags")
	b.tags = in.Tagging.TagSet
	return &s3.PutBucketTaggingOutput{}, nil
}
