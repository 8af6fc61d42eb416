// Package layers decides which layer of each video a subscriber gets, and with how many of its frames: a pure function of
// what is shown how large, who speaks, what is pinned and shared, what layers there are, and how many bits per second the
// link carries.
//
// The order: sound is not asked, it always goes, and the caller takes its share off first. What is not visible gets
// nothing. Shared screens come next, at full size, with fewer frames before a smaller picture. Then the pinned video and
// those who speak get their smallest layer and one step more, and every other visible video its smallest layer, the larger
// tiles first; what is left raises them in the same order to the layer that their tile can show.
//
// Start reading at Choose.
package layers
