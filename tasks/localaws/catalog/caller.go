package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// Caller is who asks: a user or the session of a role, of one account.
type Caller struct {
	Account string `json:"account"` // twelve digits
	ARN     string `json:"arn"`
	Role    string `json:"role,omitempty"` // the ARN of the role of a session
}

// Admit is an error unless the caller may do an action, such as ecr:PutImage, to a repository: anybody may in the own
// account, others by the repository's policy. A statement with a condition, of which nothing is known here, allows
// nothing, and denies.
func (r *Registry) Admit(who Caller, action, repository string) error {
	if who.Account == r.Account() {
		return nil
	}
	var text string
	if err := r.view(repository, func(rp *repo) error { text = rp.info.Policy; return nil }); err != nil {
		return err
	}
	policy, _ := parsePolicy(text) // what is stored was parsed before
	allowed := false
	for _, s := range policy {
		if !s.covers(who, action) {
			continue
		}
		if s.Effect == "Deny" {
			return r.deny(who, action, repository, "with an explicit deny in a resource-based policy")
		}
		allowed = allowed || len(s.Condition) == 0
	}
	if allowed {
		return nil
	}
	return r.deny(who, action, repository, "because no resource-based policy allows the "+action+" action")
}

func (r *Registry) deny(who Caller, action, repository, why string) error {
	return refuse("AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s %s",
		who.ARN, action, r.ARN(repository), why)
}

// covers reports whether a statement is about a caller and an action.
func (s statement) covers(who Caller, action string) bool {
	names := []string{"*", who.Account, who.ARN, who.Role}
	isCaller := func(name string) bool {
		return slices.Contains(names, name) || strings.HasSuffix(name, "::"+who.Account+":root")
	}
	does := func(pattern string) bool { return matchWildcard(strings.ToLower(pattern), strings.ToLower(action)) }
	return (s.Principal == nil || slices.ContainsFunc(s.Principal["AWS"], isCaller)) &&
		(s.NotPrincipal == nil || !slices.ContainsFunc(s.NotPrincipal["AWS"], isCaller)) &&
		(s.Action == nil || slices.ContainsFunc(s.Action, does)) &&
		(s.NotAction == nil || !slices.ContainsFunc(s.NotAction, does))
}

// LocalUser is the user of an account to whom an access key belongs.
func LocalUser(account string) Caller {
	return Caller{Account: account, ARN: fmt.Sprintf("arn:aws:iam::%s:user/local", account)}
}
