package store

const crashURL = "PARLEY_TEST_CRASH_URL"

func drawUntilKilled(url string) {}
