// Package boards knows whiteboards as people find and share them: titles, owners, where they are kept, who may do what,
// pictures that lie on them, thumbnails, what is written on them, templates, the trash.
//
// What is drawn is a Yjs document that package whiteboard holds, reached through [Documents]; here it is read only to draw a
// thumbnail, to find text and to count. PostgreSQL owns everything else. Who may do what with a board is one query (BoardFor)
// and the condition inside each list; the role that a running meeting lends comes from [Rooms].
//
// Start reading at service.go, then admit.go for roles; view.go holds what clients see.
package boards
