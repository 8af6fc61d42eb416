package config

import (
	"reflect"
	"strings"
	"unicode"
)

// Key is one setting.
type Key struct {
	// Path in the file, such as "s3.accessKey".
	Path string
	// Env is the environment variable, such as "PARLEY_S3_ACCESS_KEY".
	Env string
	// Type and Field name the Go field that holds the setting and its comment.
	Type, Field string
	// Example is a value worth showing where the default is empty.
	Example string

	index []int
}

const (
	envPrefix = "PARLEY_"
	// EnvFile names the file when no flag does.
	EnvFile = "PARLEY_CONFIG"
	// EnvTestPrefix begins variables that only tests read.
	EnvTestPrefix = "PARLEY_TEST_"
)

// Keys lists every setting in the order of the file.
func Keys() []Key { return keysOf(reflect.TypeFor[Config](), "", nil) }

func keysOf(t reflect.Type, parent string, index []int) []Key {
	var keys []Key
	for field := range t.Fields() {
		path := yamlName(field)
		if parent != "" {
			path = parent + "." + path
		}
		at := append(append([]int(nil), index...), field.Index...)
		if field.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOf(field.Type, path, at)...)
			continue
		}
		keys = append(keys, Key{
			Path: path, Env: envOf(path), Type: t.Name(), Field: field.Name,
			Example: field.Tag.Get("example"), index: at,
		})
	}
	return keys
}

func yamlName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return name
}

// envOf maps s3.accessKey to PARLEY_S3_ACCESS_KEY.
func envOf(path string) string {
	var b strings.Builder
	b.WriteString(envPrefix)
	for _, r := range path {
		switch {
		case r == '.':
			b.WriteByte('_')
		case unicode.IsUpper(r):
			b.WriteByte('_')
			b.WriteRune(r)
		default:
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// nearest answers the known word closest to the given one, or "" when none is near.
func nearest(word string, known []string) string {
	best, bestDistance := "", len(word)/2+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, substitute)
		}
	}
	return row[len(b)]
}

// Value answers the key's value in c.
func Value(c Config, key Key) reflect.Value { return reflect.ValueOf(c).FieldByIndex(key.index) }
