package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"parley/api/boards"
	"parley/whiteboard/scene"

	"github.com/google/uuid"
)

//go:embed demoboards/*.json
var demoBoardFiles embed.FS

// demoBoards are the boards of the sample company.
var demoBoards = []struct {
	file, title, owner, department string
	share                          map[string]boards.Role // by login; the empty one is everyone
	opened                         []string               // by whom
}{
	{"onboarding", "新引导页草图 Onboarding v2", "liusihan", "设计组", map[string]boards.Role{"maya": boards.Editor, "wangsiyuan": boards.Commenter}, []string{"liusihan", "maya"}},
	{"retrospective", "四月迭代回顾", "wangsiyuan", "", map[string]boards.Role{"": boards.Commenter, "limubai": boards.Editor, "zhaoqiming": boards.Editor}, []string{"wangsiyuan", "limubai"}},
	{"receiving", "海外仓收货流程 Overseas receiving", "limubai", "平台组", map[string]boards.Role{"wangsiyuan": boards.Editor, "maya": boards.Editor}, []string{"limubai", "wangsiyuan", "kenji"}},
}

// makeBoards fills the list of boards.
func (c *company) makeBoards(ctx context.Context) error {
	departments, err := c.departmentIDs(ctx)
	if err != nil {
		return err
	}
	for _, b := range demoBoards {
		file, err := demoDrawing(b.file)
		if err != nil {
			return fmt.Errorf("%s: %w", b.file, err)
		}
		var department *uuid.UUID
		if id, ok := departments[b.department]; ok {
			department = &id
		}
		owner := c.people[b.owner]
		made, err := c.domains.boards.Import(ctx, owner, b.title, department, file)
		if err != nil {
			return fmt.Errorf("%s: %w", b.title, err)
		}
		var entries []boards.BoardAccessEntry
		if department != nil {
			entries = append(entries, boards.BoardAccessEntry{Kind: boards.ToDepartment, ID: department, Role: boards.Editor})
		}
		for login, role := range b.share {
			entry := boards.BoardAccessEntry{Kind: boards.ToEveryone, Role: role}
			if login != "" {
				id := c.people[login].UserID
				entry.Kind, entry.ID = boards.ToPerson, &id
			}
			entries = append(entries, entry)
		}
		if _, err := c.domains.boards.SetAccess(ctx, owner, made.ID, entries); err != nil {
			return fmt.Errorf("share %s: %w", b.title, err)
		}
		for _, login := range b.opened {
			if _, err := c.domains.boards.Admit(ctx, c.people[login], made.ID); err != nil {
				return fmt.Errorf("open %s as %s: %w", b.title, login, err)
			}
		}
	}
	return nil
}

// demoDrawing is an .excalidraw file of a sketch.
func demoDrawing(name string) ([]byte, error) {
	raw, err := demoBoardFiles.ReadFile("demoboards/" + name + ".json")
	if err != nil {
		return nil, err
	}
	var sketch scene.Sketch
	if err := json.Unmarshal(raw, &sketch); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"type": "excalidraw", "version": 2, "elements": sketch.Draw("zh-CN").Elements})
}

func (c *company) departmentIDs(ctx context.Context) (map[string]uuid.UUID, error) {
	list, err := c.domains.directory.Departments(ctx, c.people["wangsiyuan"])
	if err != nil {
		return nil, err
	}
	ids := make(map[string]uuid.UUID, len(list))
	for _, d := range list {
		ids[d.Name] = d.ID
	}
	return ids, nil
}
