package sts

import (
	"encoding/xml"
	"net/http"
	"time"
)

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// identity is the answer of GetCallerIdentity.
type identity struct {
	ARN       string `xml:"GetCallerIdentityResult>Arn"`
	UserID    string `xml:"GetCallerIdentityResult>UserId"`
	Account   string `xml:"GetCallerIdentityResult>Account"`
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

// failure is an answer that is not a success: the status, and the code and message of the document.
type failure struct {
	status        int
	code, message string
}

// assumed is the answer of AssumeRole.
type assumed struct {
	AccessKeyID string    `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	SecretKey   string    `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	Token       string    `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration  time.Time `xml:"AssumeRoleResult>Credentials>Expiration"`
	ARN         string    `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	RoleID      string    `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	RequestID   string    `xml:"ResponseMetadata>RequestId"`
}

func respond(w http.ResponseWriter, v any) {
	name := getCallerIdentity
	if _, role := v.(assumed); role {
		name = assumeRole
	}
	send(w, http.StatusOK, name+"Response", v)
}

func refuse(w http.ResponseWriter, id string, f *failure) {
	whose := "Sender"
	if f.status >= http.StatusInternalServerError {
		whose = "Receiver"
	}
	send(w, f.status, "ErrorResponse", struct {
		Type      string `xml:"Error>Type"`
		Code      string `xml:"Error>Code"`
		Message   string `xml:"Error>Message"`
		RequestID string `xml:"RequestId"`
	}{whose, f.code, f.message, id})
}

func send(w http.ResponseWriter, status int, name string, v any) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	// A client that is gone cannot be told, and strings always encode.
	_ = xml.NewEncoder(w).EncodeElement(v, xml.StartElement{Name: xml.Name{Space: namespace, Local: name}})
}
