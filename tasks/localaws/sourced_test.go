package localaws_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/localaws/catalog"
)

// Addresses of what Amazon says about ECR. The other sources in this file are threads that quote its answers.
const (
	github  = "https://github.com/"
	userDoc = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"
	apiDoc  = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_"
	iamDoc  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_"
	model   = "https://github.com/boto/botocore/blob/develop/botocore/data/ecr/2015-09-21/service-2.json.gz"
)

// TestSourcedRefusals are calls that ECR refuses, each with the source that says so.
func TestSourcedRefusals(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	empty := "Member must have length greater than or equal to 1"
	kms := func(key string) string {
		return fmt.Sprintf(`{"repositoryName":"kms","encryptionConfiguration":{"encryptionType":"KMS","kmsKey":"%s"}}`, key)
	}
	image := func(manifest string) string {
		text, _ := json.Marshal(manifest)
		return `{"repositoryName":"app","imageManifest":` + string(text) + `}`
	}
	ids := func(tag string) string { return `{"repositoryName":"app","imageIds":[{"imageTag":"` + tag + `"}]}` }
	for _, c := range []struct{ source, operation, body, code, message string }{
		{
			model, "PutImage", `{"repositoryName":"app","imageManifest":"{}","imageTag":""}`, "InvalidParameterException",
			empty,
		},
		{model, "CreateRepository", kms(""), "InvalidParameterException", empty},
		{
			model, "CreateRepository", `{"repositoryName":"x1","imageTagMutabilityExclusionFilters":[]}`,
			"InvalidParameterException", empty,
		},
		{
			model, "PutImageTagMutability",
			`{"repositoryName":"app","imageTagMutability":"MUTABLE","imageTagMutabilityExclusionFilters":[]}`,
			"InvalidParameterException", empty,
		},
		{
			model, "BatchGetImage", `{"repositoryName":"app","imageIds":[{"imageTag":"v1"}],"acceptedMediaTypes":[]}`,
			"InvalidParameterException", empty,
		},
		{
			model, "BatchGetImage",
			`{"repositoryName":"app","imageIds":[{"imageTag":"v1"}],"acceptedMediaTypes":["x"` + strings.Repeat(`,"x"`,
				100) + `]}`,
			"InvalidParameterException", "less than or equal to 100",
		},
		{model, "GetLifecyclePolicyPreview", ids(""), "InvalidParameterException", empty},
		{
			model, "GetLifecyclePolicyPreview", ids(strings.Repeat("v", 301)), "InvalidParameterException",
			"less than or equal to 300",
		},
		{
			model, "CreateRepository", `{"repositoryName":"x2","registryId":"111111111111"}`, "AccessDeniedException",
			"111111111111",
		},
		{model, "GetAuthorizationToken", `{"registryIds":["1"]}`, "InvalidParameterException", "[0-9]{12}"},
		{
			apiDoc + "EncryptionConfiguration.html", "CreateRepository", kms("not-a-key"), "KmsException",
			"Invalid keyId 'not-a-key'",
		},
		{
			apiDoc + "EncryptionConfiguration.html", "CreateRepository", kms("arn:aws:kms:us-west-2:000000000000:key/x"),
			"KmsException", "key/x",
		},
		{github + "aws/aws-cli/issues/8620", "PutImage", image(`{`), "InvalidParameterException", "'Invalid JSON syntax'"},
		{
			github + "aws/aws-cli/issues/8620", "PutImage", image(`{"schemaVersion":2,"mediaType":"x"}`),
			"InvalidParameterException", "'Invalid JSON syntax'",
		},
		{
			github + "aws/aws-sdk/issues/193", "PutImage", image(`{"schemaVersion":2,"config":{}}`), "InvalidParameterException",
			"'Invalid JSON syntax'",
		},
	} {
		status, code, message := l.call("AmazonEC2ContainerRegistry_V20150921."+c.operation, c.body, signed)
		if status != 400 || code != c.code || !strings.Contains(message, c.message) {
			t.Errorf("%s of %.150s = %d %s: %s, want %s: …%s… (%s)", c.operation, c.body, status, code, message, c.code,
				c.message, c.source)
		}
	}
}

func TestSourcedKMSKeys(t *testing.T) {
	const source = "https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"
	l := start(t, localaws.Options{})
	const id, arn = "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:us-west-2:000000000000:"
	for i, key := range []string{
		id, "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/a/b", arn + "key/" + id,
		arn + "alias/a",
	} {
		_, err := l.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
			RepositoryName:          aws.String(fmt.Sprintf("kms%d", i)),
			EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms, KmsKey: &key},
		})
		if err != nil {
			t.Errorf("the key %s: %v (%s)", key, err, source)
		}
	}
}

// TestSourcedAnswers are details of calls that succeed.
func TestSourcedAnswers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	const lifecycle = `{\"rules\":[{\"rulePriority\":1,\"selection\":{\"tagStatus\":\"any\",\"countType\":` +
		`\"imageCountMoreThan\",\"countNumber\":9},\"action\":{\"type\":\"expire\"}}]}`
	const example = github + "aws/aws-cli/blob/develop/awscli/examples/ecr/delete-lifecycle-policy.rst"
	for _, c := range []struct{ source, operation, body, want string }{
		{
			github + "awslabs/amazon-ecr-credential-helper/issues/26", "GetAuthorizationToken",
			`{"registryIds":["111111111111"]}`, `"authorizationToken":"`,
		},
		{
			"the operation before those of the example", "PutLifecyclePolicy",
			`{"repositoryName":"app","lifecyclePolicyText":"` + lifecycle + `"}`, `}]}"}`,
		},
		{example, "GetLifecyclePolicy", `{"repositoryName":"app"}`, `"lastEvaluatedAt":0.0`},
		{example, "DeleteLifecyclePolicy", `{"repositoryName":"app"}`, `"lastEvaluatedAt":0.0`},
	} {
		reply := l.do("POST", "/", c.body, "X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921."+c.operation,
			"Authorization", signed)
		text, _ := io.ReadAll(reply.Body)
		if reply.StatusCode != 200 || !strings.Contains(string(text), c.want) {
			t.Errorf("%s = %d %s, want %s (%s)", c.operation, reply.StatusCode, text, c.want, c.source)
		}
		if len(reply.Header.Get("x-amzn-RequestId")) != 36 {
			t.Errorf("%s has no request id (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html)",
				c.operation)
		}
	}
}

func TestSourcedPolicies(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	const (
		grammar    = iamDoc + "grammar.html"
		principal  = iamDoc + "elements_principal.html"
		noResource = github + "awsdocs/amazon-ecr-user-guide/pull/20"
		force      = apiDoc + "SetRepositoryPolicy.html"
		examples   = userDoc + "repository-policy-examples.html"
		good       = `"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"`
		pull       = `"Effect":"Allow","Action":"ecr:BatchGetImage","Principal":`
		deny       = `"Effect":"Deny","Principal":`
	)
	for _, c := range []struct {
		source, statement string
		ok                bool
	}{
		{noResource, good + `,"Resource":"*"`, false},
		{noResource, good + `,"Resource":"arn:aws:ecr:us-west-2:000000000000:repository/app"`, false},
		{noResource, good + `,"NotResource":"*"`, false},
		{github + "hashicorp/terraform-provider-aws/issues/3924", pull + `{"AWS":"arn:aws:iam::123456789012:*"}`, false},
		{principal, pull + `"nobody"`, false},
		{principal, pull + `{"AWS":"nobody"}`, false},
		{principal, pull + `{"AWS":[]}`, false},
		{principal, pull + `{}`, false},
		{principal, pull + `{"Nope":"*"}`, false},
		{principal, pull + `{"Service":"nope"}`, false},
		{principal, pull + `{"AWS":"arn:aws:iam::123456789012:group/g"}`, false},
		{grammar, good + `,"Foo":"bar"`, false},
		{grammar, good + `,"Condition":{"Nope":{"aws:SourceIp":"192.0.2.0/24"}}`, false},
		{grammar, good + `,"Condition":"aws:SourceIp"`, false},
		{grammar, `"Sid":"one",` + good + `},{"Sid":"one",` + good, false},
		{grammar, `"Effect":"Perhaps","Principal":"*","Action":"ecr:*"`, false},
		{grammar, `"Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"ecr:*"`, false},
		{grammar, `"Effect":"Allow","Principal":"*","Action":"s3:GetObject"`, false},
		{
			examples, pull + `{"AWS":["arn:aws:iam::123456789012:root","123456789012","arn:aws:iam::123456789012:role/a/b@c"]}`,
			true,
		},
		{examples, pull +
			`{"Service":"codebuild.amazonaws.com"},"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:codebuild:*:*:*"}}`, true},
		{examples, good +
			`,"Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.1/32"},"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}`, true},
		{examples, good +
			`,"Condition":{"ForAnyValue:StringLikeIfExists":{"aws:PrincipalOrgPaths":"o/*"},"Bool":{"a":true}}`, true},
		{grammar, `"Sid":"one",` + good + `},{"Sid":"two",` + good, true},
		{force, deny + `"*","Action":"ecr:*"`, false},
		{force, deny + `{"AWS":"000000000000"},"Action":["ecr:Set*","ecr:PutImage"]`, false},
		{force, deny + `{"AWS":"arn:aws:iam::000000000000:user/local"},"NotAction":"ecr:GetRepositoryPolicy"`, false},
		{force, `"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"*"`, false},
		{force, deny + `{"AWS":"123456789012"},"Action":"ecr:*"`, true},
		{force, deny + `"*","Action":"ecr:PutImage"`, true},
		{force, deny + `"*","NotAction":"ecr:*"`, true},
		{force, `"Effect":"Deny","NotPrincipal":{"AWS":"000000000000"},"Action":"*"`, true},
		{force, deny + `"*","Action":"ecr:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`, true},
	} {
		_, err := l.ecr().SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{
			RepositoryName: aws.String("app"), PolicyText: aws.String(`{"Version":"2012-10-17","Statement":[{` + c.statement +
				`}]}`),
		})
		if (err == nil) != c.ok {
			t.Errorf("a policy with {%s}: %v, want it taken: %t (%s)", c.statement, err, c.ok, c.source)
		}
		if err != nil {
			wantCode(t, err, "InvalidParameterException")
		}
	}
	for text, ok := range map[string]bool{
		`{"Version":"2020-10-17","Statement":{` + good + `}}`:                          false, // grammar
		`{"Version":"2012-10-17","Statement":{` + good + `},"Foo":1}`:                  false, // grammar
		`{"Version":"2012-10-17","Statement":{` + good + `}} {}`:                       false, // no JSON
		`{"Version":"2008-10-17","Id":"x","Statement":{` + good + `}}`:                 true,  // grammar
		`{"Version":"2012-10-17","Statement":{` + deny + `"*","Action":"ecr:*"` + `}}`: true,  // with force
	} {
		_, err := l.ecr().SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{
			RepositoryName: aws.String("app"), PolicyText: &text, Force: true,
		})
		if (err == nil) != ok {
			t.Errorf("the policy %s: %v, want it taken: %t (%s, %s)", text, err, ok, grammar, force)
		}
	}
}

// layered are manifests of one image in both formats, with what they are made of pushed to app.
func (l *local) layered() map[string]string {
	l.t.Helper()
	config, layer := `{"os":"linux","architecture":"arm64","rootfs":{"type":"layers","diff_ids":[]}}`, "layer"
	for _, blob := range []string{config, layer} {
		l.v2(201, "POST", "blobs/uploads/?digest="+catalog.Digest([]byte(blob)), blob)
	}
	of := func(kind, configKind, layerKind string) string {
		return fmt.Sprintf(
			`{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","size":%d,"digest":"%s"},`+
				`"layers":[{"mediaType":"%s","size":%d,"digest":"%s"}]}`,
			kind, configKind, len(config), catalog.Digest([]byte(config)), layerKind, len(layer), catalog.Digest([]byte(layer)))
	}
	return map[string]string{
		catalog.OCIManifest: of(catalog.OCIManifest, "application/vnd.oci.image.config.v1+json",
			"application/vnd.oci.image.layer.v1.tar+gzip"),
		catalog.DockerManifest: of(catalog.DockerManifest, "application/vnd.docker.container.image.v1+json",
			"application/vnd.docker.image.rootfs.diff.tar.gzip"),
		"artifact": of(catalog.OCIManifest, "application/vnd.example.config",
			"application/vnd.oci.image.layer.v1.tar+gzip"),
	}
}

// TestSourcedManifestFormats is the table of the user guide (image-manifest-formats.html): by tag converted, by digest
// not.
func TestSourcedManifestFormats(t *testing.T) {
	const source = userDoc + "image-manifest-formats.html"
	for _, dialect := range []string{"oci", "ecr"} {
		l := start(t, localaws.Options{Dialect: dialect})
		l.repository("app")
		made := l.layered()
		oci, docker, artifact := made[catalog.OCIManifest], made[catalog.DockerManifest], made["artifact"]
		index := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","size":%d,"digest":"%s"}]}`,
			catalog.OCIIndex, catalog.OCIManifest, len(oci), catalog.Digest([]byte(oci)))
		for tag, manifest := range map[string]string{"oci": oci, "docker": docker, "artifact": artifact} {
			l.v2(201, "PUT", "manifests/"+tag, manifest)
		}
		l.v2(201, "PUT", "manifests/index", index)
		for _, c := range []struct{ ref, accept, want string }{
			{"oci", catalog.OCIManifest, oci},
			{"oci", catalog.DockerManifest, docker},
			{"docker", catalog.OCIManifest + ", " + catalog.OCIIndex + ";q=0.5", oci},
			{"docker", catalog.DockerManifest, docker},
			{"oci", catalog.DockerManifest + "," + catalog.OCIManifest, oci},
			{"oci", "*/*", oci},
			{"oci", "", oci},
			{"oci", "application/json", oci},
			{"oci", "application/vnd.docker.distribution.manifest.v1+prettyjws", ""},
			{"artifact", catalog.DockerManifest, ""},
			{"artifact", catalog.OCIManifest, artifact},
			{"index", catalog.OCIManifest, ""},
			{"index", catalog.DockerList, ""},
			{"index", catalog.OCIIndex, index},
			{catalog.Digest([]byte(oci)), catalog.DockerManifest, ""},
			{catalog.Digest([]byte(oci)), catalog.OCIManifest, oci},
		} {
			status := http.StatusOK
			if c.want == "" {
				status = http.StatusNotFound
			}
			head := l.v2(status, "HEAD", "manifests/"+c.ref, "", "Accept", c.accept)
			get := l.v2(status, "GET", "manifests/"+c.ref, "", "Accept", c.accept)
			text, _ := io.ReadAll(get.Body)
			if c.want == "" {
				if !strings.HasPrefix(string(text), `{"errors":[{"code":"MANIFEST_UNKNOWN"`) {
					t.Errorf("%s as %s is %s, want it refused (%s)", c.ref, c.accept, text, source)
				}
				continue
			}
			digest := catalog.Digest([]byte(c.want))
			if string(text) != c.want || head.Header.Get("Docker-Content-Digest") != digest || !strings.Contains(c.want,
				get.Header.Get("Content-Type")) {
				t.Errorf("%s as %s is %s %s, want %s (%s)", c.ref, c.accept, head.Header.Get("Docker-Content-Digest"), text, c.want,
					source)
			}
		}
	}
}

func TestSourcedBatchGetImage(t *testing.T) {
	const guide, thread = userDoc + "image-manifest-formats.html", github + "aws/containers-roadmap/issues/1075"
	l := start(t, localaws.Options{})
	l.repository("app")
	made := l.layered()
	oci, docker := made[catalog.OCIManifest], made[catalog.DockerManifest]
	l.v2(201, "PUT", "manifests/oci", oci)
	l.v2(201, "PUT", "manifests/docker", docker)
	for _, c := range []struct {
		source, accept, want string
		ids                  []types.ImageIdentifier
	}{
		{guide, catalog.DockerManifest, docker, byTag("oci")},
		{guide, catalog.OCIManifest, oci, byTag("docker")},
		{guide, catalog.OCIManifest, oci, byTag("oci")},
		{guide, catalog.OCIIndex, "ImageNotFound", byTag("oci")},
		{thread, catalog.DockerManifest, oci, byDigest(catalog.Digest([]byte(oci)))},
	} {
		out, err := l.ecr().BatchGetImage(t.Context(), &ecr.BatchGetImageInput{
			RepositoryName: aws.String("app"), ImageIds: c.ids, AcceptedMediaTypes: []string{c.accept},
		})
		wantOK(t, err)
		got := ""
		for _, one := range out.Images {
			got = *one.ImageManifest
			if *one.ImageId.ImageDigest != catalog.Digest([]byte(got)) {
				t.Errorf("%v as %s has the digest %s", c.ids, c.accept, *one.ImageId.ImageDigest)
			}
		}
		for _, one := range out.Failures {
			got = string(one.FailureCode)
		}
		if got != c.want {
			t.Errorf("%v as %s is %s, want %s (%s)", c.ids, c.accept, got, c.want, c.source)
		}
	}
}

// TestSourcedRegistry are the answers of the registry, in both dialects where ECR's differs from the specification's.
func TestSourcedRegistry(t *testing.T) {
	none := catalog.Digest(nil)
	absent := strings.Repeat("0", 64)
	lost := fmt.Sprintf(
		`{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"m","digest":"sha256:%s","size":1},"layers":[]}`,
		catalog.OCIManifest, absent)
	const spec = github + "opencontainers/distribution-spec/blob/v1.1.1/spec.md"
	type answer struct{ source, want string }
	for _, c := range []struct {
		name, method, path, body, password string
		oci, ecr                           answer
	}{
		{
			name: "a blob of no bytes", method: "POST", path: "blobs/uploads/?digest=" + none,
			oci: answer{
				github + "radius-project/radius/issues/7855",
				"400 BLOB_UPLOAD_INVALID cannot be completed because it does not have any parts",
			},
			ecr: answer{
				github + "radius-project/radius/issues/7855",
				"400 BLOB_UPLOAD_INVALID cannot be completed because it does not have any parts",
			},
		},
		{
			name: "a manifest that is no JSON", method: "PUT", path: "manifests/v1", body: "{",
			oci: answer{spec, "400 MANIFEST_INVALID 'Invalid JSON syntax'"},
			ecr: answer{
				github + "chainguard-dev/apko/issues/450",
				"405 UNSUPPORTED Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
			},
		},
		{
			name: "a manifest without its layer", method: "PUT", path: "manifests/v1", body: lost,
			oci: answer{spec, "400 MANIFEST_BLOB_UNKNOWN do not exist"},
			ecr: answer{
				github + "oras-project/oras-py/issues/54",
				"400 BLOB_UPLOAD_UNKNOWN Layers with digests '[sha256:" + absent + "]' required for pushing image",
			},
		},
		{
			name: "a password that is none", method: "GET", path: "tags/list", password: "guess",
			oci: answer{spec, "403 DENIED Your Authorization Token is invalid."},
			ecr: answer{github + "aws/aws-cli/issues/5317", "400 DENIED Your Authorization Token is invalid."},
		},
		{
			name: "no password", method: "GET", path: "tags/list", password: "-",
			oci: answer{spec, "401 UNAUTHORIZED no basic auth credentials"},
			ecr: answer{"https://wom.icu/today-i-learned/2023-09-11", "401 Not Authorized"},
		},
		{
			name: "no tags at all", method: "GET", path: "tags/list?n=0",
			oci: answer{spec, `200 {"name":"app","tags":[]}`},
			ecr: answer{apiDoc + "ListImages.html", "405 UNSUPPORTED greater than or equal to 1"},
		},
		{
			name: "no repositories at all", method: "GET", path: "/v2/_catalog?n=0",
			oci: answer{spec, `200 {"repositories":[]}`},
			ecr: answer{apiDoc + "DescribeRepositories.html", "405 UNSUPPORTED greater than or equal to 1"},
		},
		{
			name: "a page after a tag", method: "GET", path: "tags/list?last=v1",
			oci: answer{spec, `200 {"name":"app","tags":[]}`},
			ecr: answer{
				github + "CodesWhat/drydock/pull/927",
				"405 UNSUPPORTED Invalid parameter at 'NextToken' failed to satisfy constraint: 'Invalid next token provided'",
			},
		},
	} {
		for dialect, want := range map[string]answer{"oci": c.oci, "ecr": c.ecr} {
			l := start(t, localaws.Options{Dialect: dialect})
			l.repository("app")
			if got := l.asked(c.method, c.path, c.body, c.password); !answered(got, want.want) {
				t.Errorf("%s in dialect %s: %s, want %s (%s)", c.name, dialect, got, want.want, want.source)
			}
		}
	}
}

// asked is an answer of the registry: its status and its body.
func (l *local) asked(method, path, body, password string) string {
	l.t.Helper()
	if password == "" {
		password = l.password()
	}
	if !strings.HasPrefix(path, "/") {
		path = "/v2/app/" + path
	}
	r, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, strings.NewReader(body))
	wantOK(l.t, err)
	if password != "-" {
		r.SetBasicAuth("AWS", password)
	}
	reply, err := http.DefaultClient.Do(r)
	wantOK(l.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	wantOK(l.t, err)
	return fmt.Sprintf("%d %s", reply.StatusCode, text)
}

// answered reports whether an answer has the status, the code and the words that are wanted: or, without a code, is
// those words.
func answered(got, want string) bool {
	status, rest, _ := strings.Cut(want, " ")
	code, words, _ := strings.Cut(rest, " ")
	if strings.ToUpper(code) != code || code == "" || strings.HasPrefix(code, "{") {
		return strings.TrimSpace(got) == want
	}
	return strings.HasPrefix(got, status+` {"errors":[{"code":"`+code+`"`) && strings.Contains(got, words)
}

// TestSourcedPages are the headers and pages of the dialect ecr.
func TestSourcedPages(t *testing.T) {
	const pages, digests = github + "deitch/docker_registry2/issues/34", github +
		"ChangemakerStudios/Docker.Registry.DotNet/issues/34"
	l := start(t, localaws.Options{Dialect: "ecr"})
	l.repository("app")
	manifest := l.layered()[catalog.OCIManifest]
	for i := range 5 {
		l.v2(201, "PUT", fmt.Sprintf("manifests/t%d", i), manifest)
	}
	if got := l.v2(200, "GET", "manifests/t1", "").Header.Get("Docker-Content-Digest"); got != "" {
		t.Errorf("GET gives the digest %s (%s)", got, digests)
	}
	if got := l.v2(200, "HEAD", "manifests/t1",
		"").Header.Get("Docker-Content-Digest"); got != catalog.Digest([]byte(manifest)) {
		t.Errorf("HEAD gives the digest %q (%s)", got, digests)
	}
	seen := ""
	for at, page := l.url+"/v2/app/tags/list?n=2", 0; at != "" && page < 5; page++ {
		path, here := strings.CutPrefix(at, l.url)
		if !here {
			t.Fatalf("the next page is %s, want it absolute (%s)", at, pages)
		}
		reply := l.v2(200, "GET", path, "")
		text, _ := io.ReadAll(reply.Body)
		seen += string(text)
		if kind := reply.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" {
			t.Errorf("Content-Type is %s (%s)", kind, pages)
		}
		at, _, _ = strings.Cut(strings.TrimPrefix(reply.Header.Get("Link"), "<"), ">")
		if at != "" && len(at) < 80 { // a tag is short, a token is not
			t.Errorf("the next page is %s, want an opaque token (%s)", at, pages)
		}
	}
	const want = `{"name":"app","tags":["t1","t0"]}{"name":"app","tags":["t3","t2"]}{"name":"app","tags":["t4"]}`
	if seen != want {
		t.Errorf("the pages are %s, want %s (unsorted: %s)", seen, want, pages)
	}
}
