package ecrapi

import (
	"maps"
	"slices"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

type tag struct {
	Key   *string `json:"Key"`
	Value *string `json:"Value"`
}

func tagMap(tags []tag) (map[string]string, error) {
	out := map[string]string{}
	for _, one := range tags {
		if one.Key == nil || one.Value == nil {
			return nil, &catalog.Error{Code: "InvalidTagParameterException", Message: "A tag must have a Key and a Value"}
		}
		if _, twice := out[*one.Key]; twice {
			return nil, &catalog.Error{Code: "InvalidTagParameterException", Message: "Duplicate tag key: " + *one.Key}
		}
		out[*one.Key] = *one.Value
	}
	return out, nil
}

type listTagsInput struct {
	ResourceARN string `json:"resourceArn" is:"required"`
}

type listTagsOutput struct {
	Tags []tag `json:"tags"`
}

func listTagsForResource(c call, in listTagsInput) (listTagsOutput, error) {
	tags, err := c.ResourceTags(in.ResourceARN)
	return listTagsOutput{each(slices.Sorted(maps.Keys(tags)), func(key string) tag {
		value := tags[key]
		return tag{&key, &value}
	})}, err
}

type tagResourceInput struct {
	ResourceARN string `json:"resourceArn" is:"required"`
	Tags        []tag  `json:"tags" is:"required"`
}

type nothing struct{}

func tagResource(c call, in tagResourceInput) (nothing, error) {
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, c.TagResource(in.ResourceARN, tags)
}

type untagResourceInput struct {
	ResourceARN string   `json:"resourceArn" is:"required"`
	TagKeys     []string `json:"tagKeys" is:"required"`
}

func untagResource(c call, in untagResourceInput) (nothing, error) {
	return nothing{}, c.UntagResource(in.ResourceARN, in.TagKeys)
}
