// Dark, light, or as the system says.

export type Theme = 'auto' | 'dark' | 'light'

const key = 'agl-theme'

/** The theme chosen before; `auto` when none was, or storage is closed. */
export function savedTheme(): Theme {
  try {
    const saved = localStorage.getItem(key)
    return saved === 'dark' || saved === 'light' ? saved : 'auto'
  } catch {
    return 'auto'
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
}

/** Turns to what is not shown now, and remembers it. */
export function toggleTheme(): void {
  const current = document.documentElement.dataset.theme
  const dark =
    current === 'dark' || (current !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  const next = dark ? 'light' : 'dark'
  applyTheme(next)
  try {
    localStorage.setItem(key, next)
  } catch {
    // It holds for this visit.
  }
}
