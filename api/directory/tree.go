package directory

import (
	"parley/internal/fault"

	"github.com/google/uuid"
)

// maxDepth is how deep departments nest; one at the top has depth 1.
const maxDepth = 8

// tree is who is below whom: the parent of each department, uuid.Nil at the
// top.
type tree map[uuid.UUID]uuid.UUID

// move says whether id, which may be new, can be put below parent.
func (t tree) move(id, parent uuid.UUID) error {
	above := 0
	for at := parent; at != uuid.Nil; at = t[at] {
		if at == id {
			return fault.DepartmentCycle
		}
		if _, ok := t[at]; !ok {
			return fault.DepartmentNotFound
		}
		above++
	}
	if above+t.height(id) > maxDepth {
		return fault.DepartmentTooDeep.With(map[string]any{"max": maxDepth})
	}
	return nil
}

// height is the number of levels from id down, itself included.
func (t tree) height(id uuid.UUID) int {
	deepest := 1
	for at := range t {
		levels := 1
		for ; at != uuid.Nil && at != id; at = t[at] {
			levels++
		}
		if at == id && levels > deepest {
			deepest = levels
		}
	}
	return deepest
}

// below lists id and everything under it.
func (t tree) below(id uuid.UUID) []uuid.UUID {
	list := []uuid.UUID{id}
	for at := range t {
		for up := t[at]; up != uuid.Nil; up = t[up] {
			if up == id {
				list = append(list, at)
				break
			}
		}
	}
	return list
}
