// Command parley is the whole product in one program. Start reading at commands; serve.go brings the parts up in the
// order in which they need each other, and app.go takes them down in reverse.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"parley/internal/config"
	"parley/internal/obs"
)

const usage = `Parley, meetings and messages for one company on its own machines.

Usage: parley [command] [--config file]

  serve     start Parley (also without a command)
  demo      start a sample company in a data folder of its own, on loopback only
  config    print the effective settings without their secrets
  migrate   bring the database to this version and end
  openapi   print the OpenAPI document of the REST API
  version   print the version

Settings come from one YAML file (--config or PARLEY_CONFIG) and PARLEY_* variables; docs/configuration.md lists them.
`

// errUsage is answered by exit code 2.
var errUsage = errors.New("usage")

// commands by their name; "" is what parley does alone.
var commands = map[string]func(context.Context, *invocation) error{
	"":        serve,
	"serve":   serve,
	"demo":    demo,
	"config":  printConfig,
	"migrate": migrate,
	"openapi": printOpenAPI,
	"version": printVersion,
	"help":    printUsage,
}

// invocation is how we were called.
type invocation struct {
	args   []string
	env    []string
	stdout io.Writer
	stderr io.Writer
}

func main() {
	ctx, stop := untilSignal(context.Background(), os.Exit)
	err := run(ctx, &invocation{args: os.Args[1:], env: os.Environ(), stdout: os.Stdout, stderr: os.Stderr})
	stop()
	switch {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "parley:", err)
		os.Exit(1)
	}
}

// run calls the command that the first argument names.
func run(ctx context.Context, in *invocation) error {
	name := ""
	if len(in.args) > 0 && in.args[0] != "" && in.args[0][0] != '-' {
		name, in.args = in.args[0], in.args[1:]
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(in.stderr, "parley: there is no command %q\n\n%s", name, usage)
		return errUsage
	}
	return command(ctx, in)
}

// untilSignal answers a context that SIGINT or SIGTERM ends, for a stop in order; a second one exits at once. stop
// ends the watching.
func untilSignal(parent context.Context, exit func(int)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case s := <-signals:
			cancel(fmt.Errorf("received %s", s))
		case <-done:
			return
		}
		select {
		case <-signals:
			exit(1)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		<-ended
		cancel(nil)
	}
}

// settings reads flags and configuration.
func (in *invocation) settings(name string) (config.Config, error) {
	flags := flag.NewFlagSet("parley "+name, flag.ContinueOnError)
	flags.SetOutput(in.stderr)
	flags.Usage = func() { fmt.Fprint(in.stderr, usage) }
	file := flags.String("config", "", "YAML file with settings")
	if err := flags.Parse(in.args); err != nil {
		return config.Config{}, errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(in.stderr, "parley: unexpected argument %q\n\n%s", flags.Arg(0), usage)
		return config.Config{}, errUsage
	}
	return config.Load(*file, in.env)
}

func (in *invocation) logger(cfg config.Config) *slog.Logger {
	return obs.NewLogger(in.stderr, cfg.Log.Level, cfg.Log.Format == "json")
}

func printUsage(_ context.Context, in *invocation) error {
	_, err := io.WriteString(in.stdout, usage)
	return err
}

func printVersion(_ context.Context, in *invocation) error {
	_, err := fmt.Fprintln(in.stdout, obs.BuildInfo())
	return err
}

func printConfig(_ context.Context, in *invocation) error {
	cfg, err := in.settings("config")
	if err != nil {
		return err
	}
	text, err := cfg.YAML()
	if err != nil {
		return err
	}
	_, err = io.WriteString(in.stdout, text)
	return err
}
