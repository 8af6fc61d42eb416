// Package bandwidth estimates what a link to a subscriber carries, from transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01). It is pure: packets sent, feedback and time in, an estimate out.
//
// The rule is simple and errs on the side of the picture: a link is believed to carry what it was seen to carry, and more,
// until it shows congestion, which is a queue that grows (packets take longer and longer) or heavy loss. Then the estimate
// falls below what came through, and rises again step by step while the link stays clear. How far a step may go beyond
// what flows is for the caller, who fills the room with layers: each step up is a probe.
//
// Start reading at Estimator.
package bandwidth
