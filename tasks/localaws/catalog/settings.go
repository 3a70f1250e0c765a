package catalog

import (
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// accountSettings are the settings of PutAccountSetting with their values, the default first.
var accountSettings = map[string][]string{
	"BASIC_SCAN_TYPE_VERSION": {"AWS_NATIVE"},
	"REGISTRY_POLICY_SCOPE":   {"V2", "V1"},
	"BLOB_MOUNTING":           {"DISABLED", "ENABLED"},
}

// AccountSetting returns a setting of this registry.
func (r *Registry) AccountSetting(name string) (string, error) {
	values, known := accountSettings[name]
	if !known {
		return "", unknownSetting(name)
	}
	value := values[0]
	err := r.c.db.View(func(tx *bbolt.Tx) error {
		if b := r.bucket(tx, bucketSettings); b != nil && b.Get([]byte(name)) != nil {
			value = string(b.Get([]byte(name)))
		}
		return nil
	})
	return value, err
}

// SetAccountSetting changes a setting of this registry.
func (r *Registry) SetAccountSetting(name, value string) error {
	values, known := accountSettings[name]
	if !known {
		return unknownSetting(name)
	}
	if !slices.Contains(values, value) {
		return Invalid("value", "Member must satisfy enum value set: [%s]", strings.Join(values, ", "))
	}
	return r.c.batch(func(tx *bbolt.Tx) error {
		b, err := r.makeBucket(tx, bucketSettings)
		if err != nil {
			return err
		}
		return b.Put([]byte(name), []byte(value))
	})
}

func unknownSetting(name string) *Error {
	return Invalid("name", "Account setting '%s' is not supported", name)
}
