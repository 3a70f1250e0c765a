package settings

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

func (s *Settings) readLocals(l *scope) {
	l.read("region", func(it item) { s.Region = it.text(regionRule) })
	l.read("profile", func(it item) { s.Profile = it.text(profileRule) })
	l.optional("account_id", func(it item) { s.Account = it.text(accountRule) })
	l.read("repositories", func(it item) { s.Repositories, s.Recipes = repositories(it) })
	// ECR would refuse bad numbers and patterns in the middle of an apply.
	l.read("retention_days", func(it item) { it.positive("days") })
	l.read("protect_tags", func(it item) { s.ProtectTags = protectTags(it) })
	l.optional("kms_key", func(it item) { it.text(keyARNRule) })
	l.optional("readers", func(it item) {
		if !it.val.RawEquals(cty.EmptyTupleVal) {
			it.texts(readerRule)
		}
	})
	l.optional("source_url", func(it item) { s.SourceURL = it.text(sourceRule) })
	l.read("tags", func(it item) { s.Tags = tags(it) })
}

// read hands a local to set. One that is missing is a fault; one that fails has had its fault already.
func (s *scope) read(name string, set func(item)) {
	if own, ok := s.own[name]; ok {
		set(own)
		return
	}
	attr := s.attrs[name]
	if attr == nil {
		if !s.file.broken {
			s.file.fault(s.blockRange(), "local.%s is missing%s", name, s.similar(name))
		}
		return
	}
	if val, ok := s.value(name); ok {
		set(item{file: s.file, name: "local." + name, val: val, expr: attr.Expr})
	}
}

// optional is read for a local that may be missing or null.
func (s *scope) optional(name string, set func(item)) {
	if _, own := s.own[name]; own || s.attrs[name] != nil {
		s.read(name, func(it item) {
			if !it.val.IsNull() {
				set(it)
			}
		})
	}
}

// blockRange is where a missing local would be looked for.
func (s *scope) blockRange() hcl.Range {
	for _, block := range s.file.blocks("locals") {
		return block.DefRange()
	}
	return hcl.Range{Start: hcl.InitialPos}
}

// place is where a local stands, as path:line, or the path alone where it is not defined.
func (f *file) place(local string) string {
	for _, block := range f.blocks("locals") {
		if attr := block.Body.Attributes[local]; attr != nil {
			return fmt.Sprintf("%s:%d", f.path, attr.NameRange.Start.Line)
		}
	}
	return f.path
}

func repositories(it item) ([]Repository, map[string]Recipe) {
	const want = `entries such as app = { name = "team/app" }`
	entries, ok := it.entries(want)
	if ok && len(entries) == 0 {
		it.fault("want %s, found none", want)
	}
	var repos []Repository
	named, recipes := map[string]string{}, map[string]Recipe{}
	for _, entry := range entries {
		if !appRule.pattern.MatchString(entry.key) {
			entry.fault("%s", appRule.broken(entry.key))
		}
		name, recipe := repository(entry.item)
		repo := Repository{App: entry.key, Name: name}
		recipes[repo.App] = recipe
		if other, taken := named[repo.Name]; taken && repo.Name != "" {
			entry.fault("want a name of its own, found %q, which local.repositories.%s has", repo.Name, other)
		}
		named[repo.Name] = repo.App
		repos = append(repos, repo)
	}
	return repos, recipes
}

func repository(it item) (name string, recipe Recipe) {
	const want = `{ name = "…" }`
	attrs, ok := it.entries(want)
	seen := false
	for _, attr := range attrs {
		switch attr.key {
		case "name":
			seen, name = true, attr.text(repositoryRule)
			if n := len(name); n == 1 || n > 256 {
				attr.fault("%s, which has %d characters", repositoryRule.broken(name), n)
			}
		case "engine":
			recipe.Engine = attr.text(engineRule)
		case "build_args":
			recipe.BuildArgs = buildArgs(attr.item)
		case "context":
			recipe.Context = attr.text(contextRule)
		case "target":
			recipe.Target = attr.text(targetRule)
		case "platforms":
			recipe.Platforms = attr.texts(rule{})
		default:
			attr.fault("want name, engine, build_args, context, target or platforms, found %q", attr.key)
		}
	}
	if ok && !seen {
		it.fault("want %s, found none", want)
	}
	return name, recipe
}

func buildArgs(it item) map[string]string {
	args := tags(it)
	for name := range args {
		if !argumentRule.pattern.MatchString(name) {
			it.fault("%s", argumentRule.broken(name))
		}
	}
	return args
}

func protectTags(it item) (patterns []string) {
	const most = 49 // a policy has 50 rules, and one is for retention_days
	entries, _ := it.entries(`patterns of tags such as { "v*" = 20 }`)
	for _, entry := range entries {
		if !patternRule.pattern.MatchString(entry.key) {
			entry.fault("%s", patternRule.broken(entry.key))
		}
		entry.positive("images")
		patterns = append(patterns, entry.key)
	}
	if len(patterns) > most {
		it.fault("want at most %d patterns, found %d", most, len(patterns))
	}
	return patterns
}

func tags(it item) map[string]string {
	values := map[string]string{}
	entries, _ := it.entries("a map of strings")
	for _, entry := range entries {
		values[entry.key] = entry.text(rule{})
	}
	return values
}
