// All ops of the dialect.

#ifndef OCTET_OPS_TD
#define OCTET_OPS_TD

include "dialect/OctetElementwiseOps.td"
include "dialect/OctetContractionOps.td"
include "dialect/OctetWindowOps.td"
include "dialect/OctetShapeOps.td"
include "dialect/OctetQuantOps.td"
include "dialect/OctetStructureOps.td"

#endif // OCTET_OPS_TD
