// Package layers decides which simulcast layer of each video a subscriber gets: a pure function of what is shown how large,
// what layers flow, and how many bits per second the link carries.
//
// The order: what is not visible gets nothing; shared screens come first, at full size; then every visible video gets its
// smallest layer, the pinned ones and the larger tiles first; what is left raises them in the same order to the layer that
// their tile can show. Sound is not asked: it always goes.
//
// Start reading at Choose.
package layers
