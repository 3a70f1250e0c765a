package s3

import (
	"fmt"
	"slices"
)

// apiError is an answer of S3 that is not a success. Codes, statuses and messages are those of the
// S3 API Reference, "Error responses", some messages shorter.
type apiError struct {
	status        int
	code, message string
	details       []detail
}

// detail is one more element of the error document.
type detail struct{ name, value string }

func (e *apiError) Error() string { return e.code + ": " + e.message }

// with adds an element to a copy of the error.
func (e *apiError) with(name, value string) *apiError {
	c := *e
	c.details = append(slices.Clone(e.details), detail{name, value})
	return &c
}

// says replaces the message in a copy of the error.
func (e *apiError) says(format string, args ...any) *apiError {
	c := *e
	c.message = fmt.Sprintf(format, args...)
	return &c
}

// notImplemented refuses what S3 has and this package has not, naming it.
func notImplemented(what string) *apiError {
	return (&apiError{status: 501, code: "NotImplemented"}).says("The local S3 does not implement this: %s.", what)
}

func newError(status int, code, message string) *apiError {
	return &apiError{status: status, code: code, message: message}
}

var (
	errAccessDenied           = newError(403, "AccessDenied", "Access Denied")
	errAuthorizationMalformed = newError(400, "AuthorizationHeaderMalformed", "The Credential is mal-formed.")
	errBadDigest              = newError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	errBucketTaken            = newError(409, "BucketAlreadyExists", "The requested bucket name is not available. "+
		"The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	errBucketExists    = newError(409, "BucketAlreadyOwnedByYou", "You already own the bucket.")
	errBucketNotEmpty  = newError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	errEntityTooLarge  = newError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	errEntityTooSmall  = newError(400, "EntityTooSmall", "Your proposed upload is too small")
	errIllegalLocation = newError(400, "IllegalLocationConstraintException",
		"The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	errIncompleteBody    = newError(400, "IncompleteBody", "The body is shorter or longer than announced.")
	errInternal          = newError(500, "InternalError", "We encountered an internal error. Please try again.")
	errInvalidArgument   = newError(400, "InvalidArgument", "Invalid Argument")
	errInvalidBucketName = newError(400, "InvalidBucketName", "The specified bucket is not valid.")
	errInvalidEncryption = newError(400, "InvalidEncryptionAlgorithmError", "The encryption is not valid.")
	errInvalidLocation   = newError(400, "InvalidLocationConstraint", "The location-constraint is not valid")
	errInvalidPart       = newError(400, "InvalidPart", "One or more of the specified parts could not be found.")
	errInvalidPartOrder  = newError(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
	errInvalidRange      = newError(416, "InvalidRange", "The requested range is not satisfiable")
	errInvalidRequest    = newError(400, "InvalidRequest", "Invalid Request")
	errInvalidTag        = newError(400, "InvalidTag", "The tag provided was not a valid tag.")
	errInvalidURI        = newError(400, "InvalidURI", "Couldn't parse the specified URI.")
	errKeyTooLong        = newError(400, "KeyTooLongError", "Your key is too long")
	errMalformedPolicy   = newError(400, "MalformedPolicy", "Policies must be valid JSON and begin with '{'")
	errMalformedXML      = newError(400, "MalformedXML", "The XML is not well-formed or not as published")
	errMetadataTooLarge  = newError(400, "MetadataTooLarge", "Your metadata headers are too large")
	errMethodNotAllowed  = newError(405, "MethodNotAllowed", "The method is not allowed here.")
	errMissingBody       = newError(400, "MissingRequestBodyError", "Request Body is empty")
	errNoLifecycle       = newError(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	errNoOwnership       = newError(404, "OwnershipControlsNotFoundError", "The ownership controls were not found")
	errNoPolicy          = newError(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
	errNoPublicAccess    = newError(404, "NoSuchPublicAccessBlockConfiguration", "The configuration was not found")
	errNoSuchBucket      = newError(404, "NoSuchBucket", "The specified bucket does not exist")
	errNoSuchKey         = newError(404, "NoSuchKey", "The specified key does not exist.")
	errNoSuchUpload      = newError(404, "NoSuchUpload", "The specified upload does not exist.")
	errNoSuchVersion     = newError(404, "NoSuchVersion", "The specified version does not exist.")
	errNoTags            = newError(404, "NoSuchTagSet", "The TagSet does not exist")
	errNotModified       = newError(304, "NotModified", "Not Modified")
	errPermanentRedirect = newError(301, "PermanentRedirect", "The bucket is in another region.")
	errPrecondition      = newError(412, "PreconditionFailed",
		"At least one of the pre-conditions you specified did not hold")
	errSHA256Mismatch = newError(400, "XAmzContentSHA256Mismatch", "The header does not match the body.")
)
