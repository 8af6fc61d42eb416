package postgres_test

import (
	"bytes"
	"errors"
	"testing"

	"parley/internal/postgres"
	"parley/internal/postgres/pgtest"
)

func TestClaim(t *testing.T) {
	for _, c := range []struct {
		name  string
		used  bool
		kinds []postgres.Kind
		ok    []bool
	}{
		{"real stays real", false, []postgres.Kind{postgres.Real, postgres.Real, postgres.Demo, postgres.Real}, []bool{true, true, false, true}},
		{"demo stays demo", false, []postgres.Kind{postgres.Demo, postgres.Demo, postgres.Real, postgres.Demo}, []bool{true, true, false, true}},
		{"people without a mark are real", true, []postgres.Kind{postgres.Demo, postgres.Real}, []bool{false, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := pgtest.Pool(t)
			if c.used {
				// A row of users needs what its domain wants; a table in its place is enough for the question.
				if _, err := pool.Exec(t.Context(), "alter table users rename to users_kept; create table users as select 1 as id"); err != nil {
					t.Fatal(err)
				}
			}
			for i, kind := range c.kinds {
				err := postgres.Claim(t.Context(), pool, kind)
				if (err == nil) != c.ok[i] || err != nil && !errors.Is(err, postgres.ErrOtherKind) {
					t.Errorf("claim %d as %s: %v", i, kind, err)
				}
			}
		})
	}
}

func TestSecret(t *testing.T) {
	pool := pgtest.Pool(t)
	secret := func(name string) []byte {
		value, err := postgres.Secret(t.Context(), pool, name)
		if err != nil || len(value) < 32 {
			t.Fatalf("%d bytes, %v", len(value), err)
		}
		return value
	}
	first := secret("tickets")
	if !bytes.Equal(secret("tickets"), first) {
		t.Error("the secret changed")
	}
	if bytes.Equal(secret("other"), first) {
		t.Error("two names share a secret")
	}
}
