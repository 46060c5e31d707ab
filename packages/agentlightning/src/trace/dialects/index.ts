// All dialects, the most trusted first: for each field the first one that says something wins.
import { agentLightning, otherTokenIds } from './agent-lightning.ts'
import { agentOps, openLlmetry } from './agentops.ts'
import type { Dialect } from './dialect.ts'
import { claudeCode, googleAdk, langfuse, langSmith, logfire, mlflow } from './frameworks.ts'
import { openInference } from './openinference.ts'
import { otelGenAi, otelGenAiOld, otelGeneral } from './otel-genai.ts'
import { vercelAi } from './vercel-ai.ts'

/** The order is the precedence. A new dialect is one line here. */
export const dialects: readonly Dialect[] = [
  agentLightning,
  otelGenAi,
  openInference,
  vercelAi,
  langfuse,
  langSmith,
  mlflow,
  logfire,
  googleAdk,
  claudeCode,
  otelGenAiOld,
  agentOps,
  openLlmetry,
  otherTokenIds,
  otelGeneral,
]
