package localaws_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
)

// TestEveryOperationOfECR walks the SDK's client: what this ECR has not is refused by name, and nothing else is.
func TestEveryOperationOfECR(t *testing.T) {
	l := start(t, localaws.Options{})
	has := map[string]bool{}
	for _, name := range ecrapi.Operations() {
		has[name] = true
	}
	walked := 0
	client := reflect.TypeFor[*ecr.Client]()
	for i := range client.NumMethod() {
		method := client.Method(i)
		if method.Type.NumIn() != 4 || method.Type.In(2).String() != "*ecr."+method.Name+"Input" {
			continue // not an operation: Options
		}
		walked++
		_, code, message := l.call("AmazonEC2ContainerRegistry_V20150921."+method.Name, "{}", signed)
		refused := code == "UnknownOperationException" && strings.Contains(message, "Operation "+method.Name+" of Amazon ECR is not supported")
		if refused == has[method.Name] || !refused && code == "UnknownOperationException" {
			t.Errorf("%s = %s: %s, want it served: %t", method.Name, code, message, has[method.Name])
		}
		delete(has, method.Name)
	}
	if walked < 58 || len(has) > 0 {
		t.Errorf("the SDK has %d operations, and not these: %v", walked, has)
	}
}

func TestDescribeRegistry(t *testing.T) {
	l := start(t, localaws.Options{})
	out, err := l.ecr().DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
	wantOK(t, err)
	if *out.RegistryId != "000000000000" || out.ReplicationConfiguration == nil || out.ReplicationConfiguration.Rules == nil || len(out.ReplicationConfiguration.Rules) != 0 {
		t.Errorf("the registry is %+v", out)
	}
}
