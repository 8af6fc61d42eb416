package config

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Load reads the file (the one that PARLEY_CONFIG names when file is empty; none is fine too), then the PARLEY_*
// variables of environ ("NAME=value"), then derives what follows from other settings and validates. A variable with
// an empty value counts as not set.
func Load(file string, environ []string) (Config, error) {
	cfg := Default()
	env := variables(environ)
	if file == "" {
		file = env[EnvFile]
	}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return Config{}, fmt.Errorf("configuration: %w", err)
		}
		if err := decodeYAML(&cfg, file, text); err != nil {
			return Config{}, err
		}
	}
	if err := applyEnv(&cfg, env); err != nil {
		return Config{}, err
	}
	cfg.derive()
	if err := cfg.Validate(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

func variables(environ []string) map[string]string {
	env := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, envPrefix) && value != "" {
			env[name] = value
		}
	}
	return env
}

func decodeYAML(cfg *Config, file string, text []byte) error {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return fmt.Errorf("configuration %s: %w", file, err)
	}
	var unknown []error
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			unknown = append(unknown, unknownKeys(doc.Body, reflect.TypeFor[Config](), file, "")...)
		}
	}
	if len(unknown) > 0 {
		return errors.Join(unknown...)
	}
	for _, doc := range tree.Docs {
		if body, ok := withoutNulls(doc.Body); ok {
			if err := yaml.NodeToValue(body, cfg, yaml.Strict()); err != nil {
				return fmt.Errorf("configuration %s: %w", file, err)
			}
		}
	}
	return nil
}

// withoutNulls drops keys without a value, such as a section whose every line is a comment: the decoder would take
// them for a wish to empty the section's defaults. It answers false when nothing is left.
func withoutNulls(node ast.Node) (ast.Node, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		kept := n.Values[:0]
		for _, entry := range n.Values {
			if value, ok := withoutNulls(entry.Value); ok {
				entry.Value = value
				kept = append(kept, entry)
			}
		}
		n.Values = kept
		return n, len(kept) > 0
	case *ast.MappingValueNode:
		value, ok := withoutNulls(n.Value)
		n.Value = value
		return n, ok
	case *ast.NullNode, *ast.CommentGroupNode, nil:
		return node, false
	default:
		return node, true
	}
}

// unknownKeys compares the keys of a file with the fields of a struct, at every depth.
func unknownKeys(node ast.Node, t reflect.Type, file, parent string) []error {
	switch n := node.(type) {
	case *ast.MappingNode:
		var errs []error
		for _, value := range n.Values {
			errs = append(errs, unknownKey(value, t, file, parent)...)
		}
		return errs
	case *ast.MappingValueNode:
		return unknownKey(n, t, file, parent)
	case *ast.SequenceNode:
		var errs []error
		if t.Kind() == reflect.Slice {
			for _, value := range n.Values {
				errs = append(errs, unknownKeys(value, t.Elem(), file, parent)...)
			}
		}
		return errs
	default:
		return nil
	}
}

func unknownKey(entry *ast.MappingValueNode, t reflect.Type, file, parent string) []error {
	if t.Kind() != reflect.Struct {
		return nil
	}
	name := entry.Key.GetToken().Value
	path := name
	if parent != "" {
		path = parent + "." + name
	}
	var siblings []string
	for field := range t.Fields() {
		if yamlName(field) == name {
			return unknownKeys(entry.Value, field.Type, file, path)
		}
		siblings = append(siblings, yamlName(field))
	}
	at := entry.Key.GetToken().Position
	err := fmt.Errorf("configuration %s:%d:%d: unknown key %q", file, at.Line, at.Column, path)
	if near := nearest(name, siblings); near != "" {
		near = strings.TrimPrefix(parent+"."+near, ".")
		err = fmt.Errorf("%w; did you mean %q?", err, near)
	}
	return []error{err}
}

func applyEnv(cfg *Config, env map[string]string) error {
	known := map[string]Key{}
	names := []string{EnvFile}
	for _, key := range Keys() {
		known[key.Env] = key
		names = append(names, key.Env)
	}
	var errs []error
	for name, value := range env {
		if name == EnvFile || strings.HasPrefix(name, EnvTestPrefix) {
			continue
		}
		key, ok := known[name]
		if !ok {
			errs = append(errs, unknownVariable(name, names))
			continue
		}
		if err := assign(reflect.ValueOf(cfg).Elem().FieldByIndex(key.index), value); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: %w", name, err))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func unknownVariable(name string, names []string) error {
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = strings.TrimPrefix(n, envPrefix)
	}
	if near := nearest(strings.TrimPrefix(name, envPrefix), short); near != "" {
		return fmt.Errorf("unknown environment variable %s; did you mean %s%s?", name, envPrefix, near)
	}
	return fmt.Errorf("unknown environment variable %s", name)
}

// assign writes the text of an environment variable into a field: lists of words are separated by commas, lists of
// structs are YAML.
func assign(field reflect.Value, text string) error {
	if field.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		field.SetInt(int64(d))
		return nil
	}
	if u, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		field.SetBool(b)
		return nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		field.SetInt(n)
		return nil
	case reflect.Slice:
		return assignList(field, text)
	default:
		return fmt.Errorf("cannot be set from the environment")
	}
}

func assignList(field reflect.Value, text string) error {
	if field.Type().Elem().Kind() == reflect.Struct {
		return yaml.UnmarshalWithOptions([]byte(text), field.Addr().Interface(), yaml.Strict())
	}
	list := reflect.MakeSlice(field.Type(), 0, 4)
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = reflect.Append(list, reflect.ValueOf(word))
		}
	}
	field.Set(list)
	return nil
}

// YAML is the effective configuration as a file without its secrets.
func (c Config) YAML() (string, error) {
	text, err := yaml.MarshalWithOptions(c, yaml.IndentSequence(true))
	return string(text), err
}
