package localaws

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
)

// maxAccounts bounds the folders and ports that access keys can have made.
const maxAccounts = 16

// tenant is the ECR of one account: its data, and its registry at an address of its own.
type tenant struct {
	db       *bbolt.DB
	catalog  *catalog.Catalog
	ecr      *ecrapi.API
	registry *registry.Server
	host     string // host:port of the registry; "" for the first account, which has [Options].Host
}

// openAccount opens the ECR of an account.
func (a *AWS) openAccount(id, dir string, db *bbolt.DB) (*tenant, error) {
	c, err := catalog.Open(catalog.Options{
		DB: db, Dir: filepath.Join(dir, "ecr"), Account: id, Now: a.options.Now, Log: a.log,
		Findings: a.options.Findings,
	})
	if err != nil {
		return nil, err
	}
	peer := func(id string) *catalog.Catalog {
		if there := a.peer(id); there != nil {
			return there.catalog
		}
		return nil
	}
	return &tenant{
		db: db, catalog: c, ecr: ecrapi.New(c, a.log),
		registry: registry.New(c, registry.Options{Dialect: a.options.Dialect, Log: a.log, Peer: peer}),
	}, nil
}

// close writes what is left to write. No request may be running.
func (is *tenant) close() error {
	is.catalog.Close()
	return is.db.Close()
}

// account returns the account of a caller, and makes it when it is new.
func (a *AWS) account(id string) (*tenant, error) {
	a.opening.Lock()
	defer a.opening.Unlock()
	is := a.accounts[id]
	switch {
	case is != nil:
		return is, nil
	case a.listen == nil:
		return nil, fmt.Errorf("this local AWS has account %s only", a.options.Account)
	case len(a.accounts) >= maxAccounts:
		return nil, fmt.Errorf("the local AWS has %d accounts, and no place for %s", maxAccounts, id)
	}
	dir := filepath.Join(a.accountsDir(), id)
	db, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	if is, err = a.openAccount(id, dir, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if is.host, err = a.listen(id); err != nil {
		return nil, errors.Join(err, is.close())
	}
	a.accounts[id] = is
	return is, nil
}

func (a *AWS) accountsDir() string { return filepath.Join(a.options.Dir, "accounts") }

// ServeAccounts lets there be further accounts. listen is called once for each: it serves this handler at another
// address, which is that of the account's registry, and returns its host:port. The accounts that were made before are
// opened at once: their registries are called without an access key. One that cannot be opened, because its port is
// taken, hinders no other: it is tried again when it is asked for.
func (a *AWS) ServeAccounts(listen func(id string) (host string, err error)) {
	a.listen = listen
	made, _ := os.ReadDir(a.accountsDir()) // none: there are none yet
	for _, one := range made {
		if len(one.Name()) != 12 {
			continue
		}
		if _, err := a.account(one.Name()); err != nil {
			a.log("account %s is not served: %v", one.Name(), err)
		}
	}
}

// peer returns an account that was made before; nil for none.
func (a *AWS) peer(id string) *tenant {
	a.opening.Lock()
	defer a.opening.Unlock()
	return a.accounts[id]
}

// accountAt returns the account of which the registry has an address. Every other address is the first account's.
func (a *AWS) accountAt(host string) *tenant {
	a.opening.Lock()
	defer a.opening.Unlock()
	for _, is := range a.accounts {
		if is.host != "" && portOf(is.host) == portOf(host) {
			return is
		}
	}
	return a.accounts[a.options.Account]
}
