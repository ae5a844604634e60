module daocha/interop

go 1.25.0

// Not older than v0.40.0: before it TileHashReader let tiles pass that it had not checked (CVE-2026-56865), which
// main.go notices (“an altered tile … was accepted”).
require golang.org/x/mod v0.40.0
