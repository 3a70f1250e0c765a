package s3

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		header         string
		offset, length int64
		partial, bad   bool
	}{
		{"", 0, 10, false, false},
		{"bytes=0-3", 0, 4, true, false},
		{"bytes=4-", 4, 6, true, false},
		{"bytes=8-99", 8, 2, true, false},
		{"bytes=-3", 7, 3, true, false},
		{"bytes=-99", 0, 10, true, false},
		{"bytes=9-9", 9, 1, true, false},
		{"bytes=10-", 0, 0, false, true},
		{"bytes=-0", 0, 0, false, true},
		{"bytes=5-4", 0, 10, false, false},
		{"bytes=0-1,3-4", 0, 10, false, false},
		{"bytes=a-b", 0, 10, false, false},
		{"bytes=18446744073709551615-", 0, 10, false, false},
		{"lines=1-2", 0, 10, false, false},
	} {
		offset, length, partial, err := parseRange(c.header, 10)
		if offset != c.offset || length != c.length || partial != c.partial || (err != nil) != c.bad {
			t.Errorf("parseRange(%q) = %d, %d, %v, %v, want %+v", c.header, offset, length, partial, err, c)
		}
	}
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "big", big)
	out, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("big"), Range: aws.String("bytes=65530-65545")})
	w.must(err)
	equal(t, "range", w.read(out.Body), big[65530:65546])
	equal(t, "Content-Range", *out.ContentRange, fmt.Sprintf("bytes 65530-65545/%d", len(big)))
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("big"), Range: aws.String("bytes=99999999-")})
	w.refused(err, "InvalidRange")
	w.put("state", "empty", "")
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("empty"), Range: aws.String("bytes=0-0")})
	w.refused(err, "InvalidRange")
}

func TestReadConditions(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	put := w.put("state", "k", "body")
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"If-Match", *put.ETag, 200},
		{"If-Match", "*", 200},
		{"If-Match", `"no"`, 412},
		{"If-None-Match", *put.ETag, 304},
		{"If-None-Match", `"no", W/` + *put.ETag, 304},
		{"If-None-Match", `"no"`, 200},
		{"If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 501},
		{"If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 501},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			res, body := w.raw(method, "/state/k", "", c.header, c.value)
			equal(t, fmt.Sprintf("%s with %s: %s", method, c.header, c.value), res.StatusCode, c.want)
			if method == "HEAD" || c.want == http.StatusNotModified {
				equal(t, "body", body, "")
			}
		}
	}
}
