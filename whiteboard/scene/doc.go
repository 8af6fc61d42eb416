// Package scene reads what is drawn on a board: Excalidraw elements, each a whole value in the map "elements" of a Yjs document,
// in the order of their fractional index. From it come the text for search, the thumbnail (SVG, drawn here) and the pictures in
// use; into it go templates and .excalidraw files.
//
// Documents come from clients: every field may be missing or of another type, every number absurd. Nothing of that is an
// error; what cannot be drawn is left out, and the output is bounded. All functions are pure.
package scene
