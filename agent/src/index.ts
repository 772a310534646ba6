export { main as courierMain } from './courier/main.ts';
export { AGENT_ERROR_CODES, type AgentErrorCode } from './errors.ts';
