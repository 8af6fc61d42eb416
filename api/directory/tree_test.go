package directory

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"parley/internal/fault"

	"github.com/google/uuid"
)

// id makes readable ids; 0 is uuid.Nil, the top.
func id(n int) (u uuid.UUID) {
	binary.BigEndian.PutUint64(u[8:], uint64(n))
	return u
}

// chain is 1 ← 2 ← … ← n.
func chain(n int) tree {
	t := tree{}
	for i := 1; i <= n; i++ {
		t[id(i)] = id(i - 1)
	}
	return t
}

func TestMove(t *testing.T) {
	wide := tree{id(1): id(0), id(2): id(1), id(3): id(1), id(4): id(3)}
	cases := []struct {
		name   string
		tree   tree
		id, to int
		want   error
	}{
		{"new at the top", tree{}, 9, 0, nil},
		{"new below", wide, 9, 4, nil},
		{"to the top", wide, 4, 0, nil},
		{"sideways", wide, 3, 2, nil},
		{"into itself", wide, 3, 3, fault.DepartmentCycle},
		{"below its child", wide, 1, 4, fault.DepartmentCycle},
		{"below nobody", wide, 3, 77, fault.DepartmentNotFound},
		{"deepest", chain(maxDepth - 1), 99, maxDepth - 1, nil},
		{"too deep", chain(maxDepth), 99, maxDepth, fault.DepartmentTooDeep},
		{"too deep with what is below", tree{id(1): id(0), id(2): id(1), id(11): id(0), id(12): id(11), id(13): id(12), id(14): id(13), id(15): id(14), id(16): id(15), id(17): id(16)}, 11, 2, fault.DepartmentTooDeep},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.tree.move(id(c.id), id(c.to)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestBelow(t *testing.T) {
	wide := tree{id(1): id(0), id(2): id(1), id(3): id(1), id(4): id(3), id(5): id(0)}
	got := wide.below(id(3))
	if len(got) != 2 || !slices.Contains(got, id(3)) || !slices.Contains(got, id(4)) {
		t.Errorf("below 3: %v", got)
	}
	if len(wide.below(id(1))) != 4 {
		t.Errorf("below 1: %v", wide.below(id(1)))
	}
}
