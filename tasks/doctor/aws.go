package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/session"
)

// region is where the repositories are, and what says so. The settings warn of what is unusual about it.
func (d *doctor) region(context.Context) finding {
	source := "locals.tf"
	set := func(name string) bool { return os.Getenv(name) != "" }
	if d.flags.Region != nil {
		source = "-region"
	} else if i := slices.IndexFunc(settings.RegionVariables, set); i >= 0 {
		source = settings.RegionVariables[i]
	}
	if len(d.s.Settings.Warnings) > 0 {
		return unusual("unset "+source+", or edit locals.tf", "%s", d.s.Settings.Warnings[0])
	}
	return good("%s (%s)", d.s.AWS.Region, source)
}

// whoami asks AWS once, for all questions that need the answer.
func (d *doctor) whoami(ctx context.Context) (session.Identity, error) {
	d.asked.Do(func() { d.identity, d.unknown = d.s.AWS.Identify(ctx) })
	return d.identity, d.unknown
}

func (d *doctor) credentials(ctx context.Context) finding {
	who, err := d.whoami(ctx)
	if err != nil {
		return failure(err)
	}
	until, soon := d.expiry(ctx)
	switch text := fmt.Sprintf("%s, as %s%s", who, who.ARN, until); {
	case d.s.AWS.Pinned != "" && d.s.AWS.Pinned != who.Account:
		return bad("AWS_PROFILE=NAME of that account", "%s; locals.tf pins account %s", text, d.s.AWS.Pinned)
	case soon:
		return unusual("renew them", "%s", text)
	default:
		return good("%s", text)
	}
}

// expiry is when the credentials end. Those of the environment do not say.
func (d *doctor) expiry(ctx context.Context) (text string, soon bool) {
	cfg, err := d.s.AWS.Config(ctx, d.s.AWS.Region)
	if err != nil || cfg.Credentials == nil {
		return "", false
	}
	held, err := cfg.Credentials.Retrieve(ctx)
	if err != nil || !held.CanExpire {
		return "", false
	}
	return ", until " + held.Expires.UTC().Format(time.RFC3339), time.Until(held.Expires) < 10*time.Minute
}

// unanswered is whether an error comes from the network, or the doctor's patience has ended. The error of a file is a
// net.Error too, by its methods.
func unanswered(err error) bool {
	if _, file := errors.AsType[*fs.PathError](err); file {
		return false
	}
	_, unreached := errors.AsType[net.Error](err)
	return unreached || errors.Is(err, context.DeadlineExceeded)
}

// innermost is the end of a chain of errors: the cause alone.
func innermost(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("nothing within %s", patience)
	}
	return console.OneLine(err.Error())
}

// How far the clock may be off. AWS refuses a signature that is five minutes off (Signature Version 4).
const (
	skewUnusual = time.Minute
	skewBad     = 5 * time.Minute
)

// clock compares this machine's clock with that of AWS. Every answer of AWS has its time, a refusal too: no credentials
// are needed.
func (d *doctor) clock(ctx context.Context) finding {
	theirs, err := d.serverTime(ctx)
	if err != nil {
		return unusual("", "AWS cannot be asked for the time: %s", innermost(err))
	}
	return judgeClock(time.Since(theirs))
}

func judgeClock(ahead time.Duration) finding {
	const fix = "set it: sudo timedatectl set-ntp true (Linux), sudo sntp -sS time.apple.com (macOS), " +
		"w32tm /resync (Windows)"
	off := ahead.Abs().Round(time.Second)
	text := fmt.Sprintf("%s behind AWS's", off)
	if ahead > 0 {
		text = fmt.Sprintf("%s ahead of AWS's", off)
	}
	switch {
	case off >= skewBad:
		return bad(fix, "%s: AWS refuses what it signs", text)
	case off >= skewUnusual:
		return unusual(fix, "%s: AWS refuses what is signed 5 minutes off", text)
	}
	return good("as AWS's, to the second or two")
}

// serverTime is the Date of an answer of STS to a request without credentials.
func (d *doctor) serverTime(ctx context.Context) (time.Time, error) {
	cfg, err := d.s.AWS.Config(ctx, d.s.AWS.Region)
	if err != nil { // a profile that does not exist: the time is the same without
		anonymous := session.Account{Region: d.s.AWS.Region}
		if cfg, err = anonymous.Config(ctx, anonymous.Region); err != nil {
			return time.Time{}, err
		}
	}
	client := sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Credentials = aws.AnonymousCredentials{}
		o.RetryMaxAttempts, o.Retryer = 1, aws.NopRetryer{}
	})
	answered, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err == nil { // by an emulator: AWS refuses
		if theirs, ok := awsmiddleware.GetServerTime(answered.ResultMetadata); ok {
			return theirs, nil
		}
		return time.Time{}, errors.New("its answer has no time")
	}
	refused, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || refused.Response.Header.Get("Date") == "" {
		return time.Time{}, fmt.Errorf("asking AWS for the time: %w", err)
	}
	return http.ParseTime(refused.Response.Header.Get("Date"))
}
