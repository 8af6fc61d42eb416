package main

import (
	"os"
	"testing"

	"parley/signaling/wire"
)

func TestTheClientsTypesAreUpToDate(t *testing.T) {
	want, err := generate("../messages.go", wire.ClientNames(), wire.ServerNames())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../web/src/core/meeting/wire.ts")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("web/src/core/meeting/wire.ts is old: go generate ./signaling/wire")
	}
}

func TestUnionsEndWithTheirComments(t *testing.T) {
	got := terminate("export type A =\n  | 'a'\n  | 'b' // the last")
	if want := "export type A =\n  | 'a'\n  | 'b'; // the last\n"; got != want {
		t.Errorf("got %q", got)
	}
}
