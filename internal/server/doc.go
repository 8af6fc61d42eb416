// Package server assembles what listens: the API, the web client, health, security headers, limits and a graceful
// stop. It knows no domain. Start reading at New; a request passes the layers in the order of Server.handler.
package server
