// Package articles holds what is said about each cause of the catalogue at
// length: what the kernel does, how it looks, what it is mistaken for, how to make
// it in the lab, how to fix it and what not to do, and what would refute it. The
// texts are files, one a cause and language; the terminal, the JSON of "synoptic
// explain CAUSE" and the pages under docs are made from them.
package articles
