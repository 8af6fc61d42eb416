// Package config reads what an operator may set: one YAML file and PARLEY_* environment variables, which win over the
// file. Unknown keys in either are errors. Start reading at Config; Load makes one.
//
// The sample file and the table in docs/ are generated from the comments of the structs.
package config

//go:generate go run ./gen ../../docs
