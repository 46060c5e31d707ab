// Loads the hooks for Node from their sources, where this Node runs TypeScript (22.18, 23.6 and later). On an older
// one, which only a checkout can meet, the program runs without them: it must not fail by what it never asked for.
if (process.features.typescript) await import('../../instrumentation/register.ts')
