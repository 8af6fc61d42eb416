package boards

import (
	"fmt"
	"testing"

	"parley/internal/search"
	"parley/whiteboard/scene"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// BenchmarkAdmit is what each connection asks every 15 seconds.
func BenchmarkAdmit(b *testing.B) {
	w := newWorld(b)
	ada, bob := w.person(b, "Ada"), w.person(b, "Bob")
	team := w.department(b, "Team", w.department(b, "Above", uuid.Nil), ada, bob)
	board := w.board(b, ada, Draft{Title: "Plan", DepartmentID: &team})
	for b.Loop() {
		if _, err := w.Admit(b.Context(), bob, board.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList reads the first page and searches, in a company with 20,000 boards of which one sees a tenth.
func BenchmarkList(b *testing.B) {
	w := newWorld(b)
	ada, bob := w.person(b, "Ada"), w.person(b, "Bob")
	team := w.department(b, "Team", uuid.Nil, bob)
	w.exec(b, `insert into boards (id, owner_id, title, created_at, updated_at)
		select gen_random_uuid(), $1, 'Board ' || n, now() - n * interval '1 minute', now() - n * interval '1 minute' from generate_series(1, 20000) n`, ada.UserID)
	w.exec(b, `insert into board_search (board_id, title, text, words) select id, to_tsvector('simple', title), '季度规划', $1::tsvector from boards`, search.Text("季度规划"))
	w.exec(b, `insert into board_access (board_id, kind, subject_id, role, created_at) select id, 'department', $1, 'viewer', now() from boards where title like '%7'`, team)
	w.exec(b, `analyze`)
	for _, query := range []string{"", "规划", "board 77"} {
		b.Run("query="+query, func(b *testing.B) {
			for b.Loop() {
				page, err := w.List(b.Context(), bob.UserID, Search{Filter: All, Text: query, Limit: 30})
				if err != nil || len(page.Items) == 0 {
					b.Fatal(page, err)
				}
			}
		})
	}
}

// BenchmarkRead is what follows a pause in drawing on a full board.
func BenchmarkRead(b *testing.B) {
	w := newWorld(b)
	ada := w.person(b, "Ada")
	board := w.board(b, ada, Draft{})
	doc := ydoc.New(ydoc.Limits{})
	_, err := doc.Edit(1, func(e *ydoc.Edit) {
		for i := range scene.MaxElements {
			e.Set("elements", fmt.Sprint(i), map[string]any{
				"type": []string{"rectangle", "text", "ellipse", "arrow"}[i%4], "x": float64(i % 100 * 130), "y": float64(i / 100 * 90), "width": 100.0, "height": 60.0,
				"text": "季度规划 plan", "fontSize": 20.0, "strokeColor": "#1e1e1e", "backgroundColor": "#a5d8ff", "points": []any{[]any{0, 0}, []any{80, 40}}, "index": fmt.Sprintf("b%04d", i),
			})
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	state := doc.Encode()
	for b.Loop() {
		if err := w.read(b.Context(), board.ID, state); err != nil {
			b.Fatal(err)
		}
	}
	svg, _, err := w.Thumbnail(b.Context(), ada, board.ID)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(svg)), "svg-bytes")
}
