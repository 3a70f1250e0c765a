package image
import ("testing";"os";"fmt";"time";"context")
func TestZZStop(t *testing.T) {
	s := Source{Apps: []string{"client"}, Root: "../..", Env: os.Environ(), Revision: revision, Log: os.Stderr, URL:"https://x/y"}
	s.Platforms, _ = ParsePlatforms("linux/riscv64")
	d, _ := time.ParseDuration(os.Getenv("ZZT"))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(d, cancel)
	t0 := time.Now()
	_, err := BuildDocker(ctx, s, Docker{})
	fmt.Println(time.Since(t0)-d, err)
}
