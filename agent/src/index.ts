export { main as courierMain } from './courier/main.ts';
export { AGENT_ERROR_CODES, type AgentErrorCode } from './errors.ts';
export { CONTAINMENT_VARIABLE, type ContainmentChoice } from './journal/containment-choice.ts';
export { readDelivered } from './journal/delivered-file.ts';
export { type Assignment, type CourierMessage, JOURNAL, type SpareMessage } from './journal/format.ts';
export { createJobFolder } from './journal/job-folder.ts';
export { JournalReader } from './journal/journal-reader.ts';
