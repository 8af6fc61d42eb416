// Package search makes the keys by which names are found and ordered, and texts found.
//
// PostgreSQL knows neither pinyin nor how to split Chinese, so the program
// makes both when a name is written: [Name] gives the sort keys (compared
// byte by byte, collation "C") and the lexemes of a tsvector; [Query] turns
// what somebody typed into a tsquery over them. All functions are pure.
package search
