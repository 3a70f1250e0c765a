package catalog

import (
	"errors"
	"testing"
	"time"
)

// withPreview is a repository whose preview was left in the making by somebody.
func withPreview(t *testing.T, now *time.Time, run func(*Catalog) string) (*Catalog, *Registry) {
	t.Helper()
	c, r := openForTest(t, now)
	if _, err := r.CreateRepository(Repository{Name: "app"}); err != nil {
		t.Fatal(err)
	}
	err := r.update("app", func(rp *repo) error {
		return rp.startPreview(Preview{ID: "one", Run: run(c), Text: "some", Status: PreviewInProgress, StartedAt: *now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func TestOnePreviewAtATime(t *testing.T) {
	now := noon
	_, r := withPreview(t, &now, func(c *Catalog) string { return c.run })
	text := policyOf(t, ruleText(1, count(anyTag, 1), expire)).Text
	_, err := r.StartPreview("app", text)
	if refused := (*Error)(nil); !errors.As(err, &refused) || refused.Code != "LifecyclePolicyPreviewInProgressException" {
		t.Errorf("a second preview: %v, want LifecyclePolicyPreviewInProgressException", err)
	}
	if p, _, _, err := r.Preview("app", PreviewQuery{}); err != nil || p.Status != PreviewInProgress {
		t.Errorf("the first preview is %s, %v, want IN_PROGRESS", p.Status, err)
	}
}

func TestPreviewOfAProcessThatEnded(t *testing.T) {
	now := noon
	c, r := withPreview(t, &now, func(*Catalog) string { return "an earlier one" })
	if p, _, _, err := r.Preview("app", PreviewQuery{}); err != nil || p.Status != PreviewFailed {
		t.Errorf("the abandoned preview is %s, %v, want FAILED", p.Status, err)
	}
	if _, err := r.StartPreview("app", policyOf(t, ruleText(1, count(anyTag, 1), expire)).Text); err != nil {
		t.Errorf("a preview after an abandoned one: %v", err)
	}
	c.previews.Wait()
	if p, _, _, err := r.Preview("app", PreviewQuery{}); err != nil || p.Status != PreviewComplete {
		t.Errorf("the next preview is %s, %v, want COMPLETE", p.Status, err)
	}
}
