package image

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// tree is what a commit holds, and where it is checked out. The index is never asked: assume-unchanged and
// skip-worktree make git overlook a file, and an ignored one is compiled all the same.
type tree struct {
	top   string              // the folder of the checkout, without links
	root  string              // the module's folder below it, as the commit writes paths; empty for top itself
	files map[string]treeFile // by path from top
}

// treeFile is a file of a commit, or a link, which holds the path that it leads to.
type treeFile struct {
	link bool
	hash string
}

func (g git) tree(ctx context.Context, commit string) (*tree, error) {
	said, err := g.run(ctx, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return nil, err
	}
	entries, err := g.run(ctx, "ls-tree", "-r", "-z", "--full-tree", commit)
	top, prefix, _ := strings.Cut(said, "\n")
	t := &tree{top: filepath.FromSlash(top), root: strings.TrimSuffix(prefix, "/"), files: map[string]treeFile{}}
	for entry := range strings.SplitSeq(entries, "\x00") {
		about, name, _ := strings.Cut(entry, "\t")
		if words := strings.Fields(about); len(words) == 3 && words[1] == "blob" {
			t.files[name] = treeFile{link: words[0] == "120000", hash: words[2]}
		}
	}
	return t, err
}

// name is a file's path from top; that of a file elsewhere begins with dots.
func (t *tree) name(file string) string {
	name, err := filepath.Rel(t.top, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(name)
}

func (t *tree) holds(name string) bool {
	_, held := t.files[path.Join(t.root, name)]
	return held
}

// differs says how the file at a path from top differs from the commit's, if it does, and when it was changed last.
// git's filters, which could hide a change, are not used. Links have to be the commit's too, and must not lead out of
// the checkout.
func (t *tree) differs(name string, links int) (how string, changed time.Time) {
	if !filepath.IsLocal(name) || links > 40 { // as many as Linux follows
		return "is outside of the repository", changed
	}
	for at, char := range name + "/" {
		if char != '/' {
			continue
		}
		part := filepath.Join(t.top, name[:at])
		info, err := os.Lstat(part)
		switch {
		case os.IsNotExist(err):
			return "is missing", changed
		case err != nil:
			return "cannot be read", changed
		case info.Mode()&os.ModeSymlink != 0:
			return t.follow(name[:at], name[at:], links)
		case at == len(name):
			content, err := os.ReadFile(part)
			if err != nil {
				return "cannot be read as a file", changed
			}
			return t.compare(name, false, content), info.ModTime()
		}
	}
	return "", changed
}

// follow compares a link, and then the file to which the rest of the path leads by it.
func (t *tree) follow(link, rest string, links int) (how string, changed time.Time) {
	to, err := os.Readlink(filepath.Join(t.top, link))
	if err != nil {
		return "cannot be read", changed
	}
	ahead := path.Join(path.Dir(link), to, rest)
	if path.IsAbs(to) || !filepath.IsLocal(ahead) {
		return "is behind a link that leads out of the repository", changed
	}
	if how := t.compare(link, true, []byte(to)); how != "" {
		return how, changed
	}
	return t.differs(ahead, links+1)
}

func (t *tree) compare(name string, link bool, content []byte) string {
	of, held := t.files[name]
	switch {
	case !held:
		return "is not in the commit"
	case of.link != link || of.hash != blobHash(len(of.hash), content):
		return "differs from the commit"
	}
	return ""
}

// blobHash is git's name for a file with this content, in a repository with hashes of so many digits.
func blobHash(digits int, content []byte) string {
	sum := sha1.New()
	if digits == hex.EncodedLen(sha256.Size) {
		sum = sha256.New()
	}
	fmt.Fprintf(sum, "blob %d\x00", len(content))
	_, _ = sum.Write(content)
	return hex.EncodeToString(sum.Sum(nil))
}
