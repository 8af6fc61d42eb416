// Package web holds the built client. `npm run build` fills dist; without it the folder has only .gitkeep and
// the server answers pages with a note that the client was not built.
package web

import "embed"

// Dist is the built client under dist/, each compressible file beside its .gz and .br.
//
//go:embed all:dist
var Dist embed.FS
