// Package ratelimit counts attempts by key in bounded memory.
//
// A [Limiter] keeps one token bucket for each key it has seen lately. When it
// is full it forgets the key that was used longest ago, so that a flood of
// different keys costs memory only up to the bound; whoever guards a key that
// an attacker can make up freely therefore asks a limiter on something that
// costs the attacker first, such as the address.
package ratelimit
