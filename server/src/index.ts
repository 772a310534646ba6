export type { AgentDesk, EventBus, PipelineDesk, ServerCore, ServerEvent, WorkDesk } from './core.ts';
export { type RunningServer, type ServerDeps, type ServerOptions, startServer } from './start-server.ts';
